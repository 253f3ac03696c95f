/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/gunzip.h"

/* printf 'hello\n' | gzip -n */
static const uint8_t hello[] = { 0x1f, 0x8b, 8,    0,    0,    0,    0,    0, 0,
				 3,    0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0,
				 0x20, 0x30, 0x3a, 0x36, 6,    0,    0,    0 };

TEST(gunzip_is_bounded)
{
	static const struct {
		const char *name;
		size_t len, max; /* the first @len bytes of hello */
		int want;
		const char *want_text, *want_msg;
	} cases[] = {
		{ "whole", sizeof(hello), 6, 0, "hello\n", NULL },
		{ "too large", sizeof(hello), 5, -OAK_E_TOOLARGE, "", "f: more than 5 bytes" },
		{ "cut off by one", sizeof(hello) - 1, 6, -OAK_E_FORMAT, NULL,
		  "f: damaged gzip data" },
		{ "the head alone", 4, 6, -OAK_E_FORMAT, "", "f: damaged gzip data" },
		{ "nothing", 0, 6, 0, "", NULL },
	};
	_cleanup_(closep) int dir = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(file_write(dir, "f", hello, cases[i].len, 0644, &err) == 0);
		EXPECT(gunzip_read(dir, "f", cases[i].max, gunzip_to_buf, &b, &err) ==
		       cases[i].want);
		if (cases[i].want_text)
			EXPECT_STR(buf_str(&b), cases[i].want_text);
		if (cases[i].want_msg)
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

TEST(a_plain_file_reads_as_it_is)
{
	_cleanup_(closep) int dir = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_write(dir, "f", "plain\n", 6, 0644, &err) == 0);
	EXPECT(gunzip_read(dir, "f", 6, gunzip_to_buf, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "plain\n");
}

/* A fifo of another host's tree would be waited for, for ever. */
TEST(what_is_no_file_is_refused)
{
	_cleanup_(closep) int dir = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(mkfifoat(dir, "fifo", 0600) == 0);
	EXPECT(gunzip_read(dir, "fifo", 6, gunzip_to_buf, &b, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "fifo: not a regular file");
	EXPECT(gunzip_read(dir, "none", 6, gunzip_to_buf, &b, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "none: no such file");
}

static int enough(_unused_ void *ctx, _unused_ const char *data, _unused_ size_t len,
		  _unused_ struct oak_error *err)
{
	return -OAK_E_NOTHING;
}

TEST(a_reader_may_have_enough)
{
	_cleanup_(closep) int dir = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_write(dir, "f", hello, sizeof(hello), 0644, &err) == 0);
	EXPECT(gunzip_read(dir, "f", 6, enough, NULL, &err) == -OAK_E_NOTHING);
}
