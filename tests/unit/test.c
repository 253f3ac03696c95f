/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"

#define TESTS_MAX 512

const char *test_case;

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;
static char dir[4096];

void test_register(const char *name, CMUnitTestFunction run)
{
	if (n_tests == TESTS_MAX)
		abort();
	tests[n_tests++] = (struct CMUnitTest){ .name = name, .test_func = run };
}

static void blame(void)
{
	if (test_case)
		print_error("case: %s\n", test_case);
}

void test_fail(const char *what, const char *file, int line)
{
	blame();
	print_error("%s\n", what);
	_fail(file, line);
	abort(); /* _fail() jumps out of the test */
}

void test_expect_str(const char *got, const char *want, const char *file, int line)
{
	if (!got || !want || strcmp(got, want) != 0)
		blame();
	if (!got || !want)
		_assert_true(got == want, "both strings or both NULL", file, line);
	else
		_assert_string_equal(got, want, file, line);
}

void test_expect_contains(const char *got, const char *part, const char *file, int line)
{
	if (got && strstr(got, part))
		return;
	blame();
	print_error("\"%s\" does not contain \"%s\"\n", got ? got : "(null)", part);
	_assert_true(0, "contains", file, line);
}

static void remove_dir(void)
{
	struct oak_error err;

	if (tree_remove(AT_FDCWD, dir, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.msg);
}

const char *test_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (!dir[0]) {
		(void)snprintf(dir, sizeof(dir), "%s/oakum-test-XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(dir) || atexit(remove_dir) != 0)
			abort();
	}
	return dir;
}

int main(void)
{
	/* cmocka's macro wants the array's size at compile time; ours grows by registration. */
	return _cmocka_run_group_tests("oakum", tests, n_tests, NULL, NULL);
}
