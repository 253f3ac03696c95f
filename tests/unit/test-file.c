/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"

static int open_dir(void)
{
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

static void put(int dir, const char *name, const char *text)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_write(dir, name, text, strlen(text), 0644, &err) == 0);
}

static void expect_content(int dir, const char *name, const char *want)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_read(dir, name, 1 << 20, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), want);
}

TEST(file_write_replaces_and_sets_the_mode)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };
	struct stat st;

	put(dir, "replaced", "a longer text");
	EXPECT(file_write(dir, "replaced", "new", 3, 0600, &err) == 0);
	expect_content(dir, "replaced", "new");
	EXPECT(fstatat(dir, "replaced", &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0600);
	EXPECT(!file_exists(dir, ".replaced.tmp"));
}

TEST(file_write_replaces_a_link_not_its_target)
{
	_cleanup_(closep) int dir = open_dir();

	put(dir, "target", "kept");
	EXPECT(symlinkat("target", dir, "link") == 0);
	put(dir, "link", "own");
	expect_content(dir, "target", "kept");
	expect_content(dir, "link", "own");
}

/* Someone who may write to the folder must not steer us by a link in place of the temporary. */
TEST(file_write_refuses_a_link_as_temporary)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };

	put(dir, "victim", "kept");
	EXPECT(symlinkat("victim", dir, ".planted.tmp") == 0);
	EXPECT(file_write(dir, "planted", "x", 1, 0644, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, ".planted.tmp: Too many levels of symbolic links");
	expect_content(dir, "victim", "kept");
}

/* RLIMIT_FSIZE stands for the full disk: write() fails after some bytes, by EFBIG for ENOSPC. */
TEST(file_write_that_fails_halfway_loses_nothing)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };
	struct rlimit old, small;
	static const char big[100000];
	int r;

	put(dir, "precious", "old content");
	EXPECT(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	EXPECT(getrlimit(RLIMIT_FSIZE, &old) == 0);
	small = (struct rlimit){ .rlim_cur = 4096, .rlim_max = old.rlim_max };
	EXPECT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	r = file_write(dir, "precious", big, sizeof(big), 0644, &err);
	EXPECT(setrlimit(RLIMIT_FSIZE, &old) == 0);
	EXPECT(r == -OAK_E_IO);
	EXPECT_STR(err.msg, "precious: File too large");
	expect_content(dir, "precious", "old content");
	EXPECT(!file_exists(dir, ".precious.tmp"));
}

TEST(file_write_names_what_is_missing)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_write(dir, "no/such", "x", 1, 0644, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "no/.such.tmp: No such file or directory");
}

TEST(file_read_is_bounded)
{
	_cleanup_(closep) int dir = open_dir();
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	put(dir, "ten", "0123456789");
	EXPECT(file_read(dir, "ten", 9, &b, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "ten: larger than 9 bytes");
	EXPECT(file_read(AT_FDCWD, "/dev/zero", 100000, &b, &err) == -OAK_E_TOOLARGE);
	buf_free(&b);
	EXPECT(file_read(dir, "ten", 10, &b, &err) == 0);
	EXPECT(file_read(dir, "ten", 10, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "01234567890123456789"); /* appended */
	EXPECT(file_read(dir, "none", 10, &b, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "none: no such file");
	EXPECT(file_read(AT_FDCWD, "/", 10, &b, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/: Is a directory");
}

TEST(file_read_works_where_the_size_is_unknown)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_read(AT_FDCWD, "/proc/self/stat", 65536, &b, &err) == 0);
	EXPECT(b.len > 0 && strlen(buf_str(&b)) == b.len);
}

TEST(file_read_line_trims)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "one\ntwo\n", "one" },
		{ "one \r\n", "one" },
		{ "", "" },
		{ "\n", "" },
		{ "x", "x" },
	};
	_cleanup_(closep) int dir = open_dir();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *line = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].in;
		put(dir, "line", cases[i].in);
		EXPECT(file_read_line(dir, "line", &line, &err) == 0);
		EXPECT_STR(line, cases[i].want);
	}
}

TEST(dir_make_and_tree_remove)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };

	EXPECT(dir_make(dir, "a/b/c", &err) == 0);
	EXPECT(dir_make(dir, "a/b/c", &err) == 0);
	EXPECT(dir_make(dir, "a/b//d/", &err) == 0);
	EXPECT(file_exists(dir, "a/b/d"));
	put(dir, "a/b/c/file", "x");
	put(dir, "outside", "kept");
	EXPECT(symlinkat("../../outside", dir, "a/b/link") == 0);
	EXPECT(symlinkat("..", dir, "a/up") == 0);
	EXPECT(tree_remove(dir, "a", &err) == 0);
	EXPECT(!file_exists(dir, "a"));
	expect_content(dir, "outside", "kept");
	EXPECT(tree_remove(dir, "a", &err) == 0);
}

TEST(dir_make_below_a_file_fails)
{
	_cleanup_(closep) int dir = open_dir();
	struct oak_error err = { .code = OAK_OK };

	put(dir, "plain", "x");
	EXPECT(dir_make(dir, "plain/below", &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "plain/below: Not a directory");
	EXPECT(dir_make(dir, "plain", &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "plain: Not a directory");
}

TEST(mapping_shows_the_file_and_refuses_others)
{
	_cleanup_(closep) int dir = open_dir();
	_cleanup_(mapping_close) struct mapping m = { 0 };
	struct oak_error err = { .code = OAK_OK };

	put(dir, "mapped", "bytes");
	EXPECT(mapping_open(dir, "mapped", &m, &err) == 0);
	EXPECT(m.len == 5 && memcmp(m.data, "bytes", 5) == 0);
	mapping_close(&m);
	EXPECT(m.data == NULL && m.len == 0);
	put(dir, "empty", "");
	EXPECT(mapping_open(dir, "empty", &m, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "empty: empty, or not a regular file");
	EXPECT(mapping_open(dir, "none", &m, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "none: no such file");
}

TEST(path_join_puts_a_slash_between)
{
	_cleanup_(freep) char *path = path_join("/a", "b/c");

	EXPECT_STR(path, "/a/b/c");
}
