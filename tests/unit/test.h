/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test: cmocka with tests that register themselves and tables of cases.
 *
 *	TEST(buf_grows)
 *	{
 *		EXPECT(buf_add_zero(&b, 1) == 0);
 *		EXPECT_STR(err.msg, "line 2: given twice");
 *	}
 *
 * In a loop over cases set test_case to the row's name: a failure prints it.
 * One file, one binary; main() comes from test.c.
 */
#ifndef OAK_TEST_H
#define OAK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

extern const char *test_case;

void test_register(const char *name, CMUnitTestFunction run);

#define TEST(id)                                                     \
	static void test_##id(void **state);                         \
	static __attribute__((constructor)) void register_##id(void) \
	{                                                            \
		test_register(#id, test_##id);                       \
	}                                                            \
	static void test_##id(_unused_ void **state)

/* noreturn tells the analyzer that a test ends at its first failed expectation. */
void test_fail(const char *what, const char *file, int line) __attribute__((noreturn));
void test_expect_str(const char *got, const char *want, const char *file, int line);
void test_expect_contains(const char *got, const char *part, const char *file, int line);

#define EXPECT(cond)                                          \
	do {                                                  \
		if (!(cond))                                  \
			test_fail(#cond, __FILE__, __LINE__); \
	} while (0)
#define EXPECT_STR(got, want)      test_expect_str(got, want, __FILE__, __LINE__)
#define EXPECT_CONTAINS(got, part) test_expect_contains(got, part, __FILE__, __LINE__)

/* A fresh directory below $TMPDIR or /tmp, removed when the program ends normally. */
const char *test_dir(void);

#endif
