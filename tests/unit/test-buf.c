/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

TEST(buf_grows_and_stays_terminated)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT_STR(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		EXPECT(buf_printf(&b, "%d,", i) == 0);
	EXPECT(strlen(buf_str(&b)) == b.len);
	EXPECT(strncmp(buf_str(&b), "0,1,2,", 6) == 0);
}

TEST(buf_align_pads_with_zero)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT(buf_add(&b, "abc", 3) == 0);
	EXPECT(buf_align(&b, 8) == 0);
	EXPECT(b.len == 8);
	EXPECT(memcmp(b.data, "abc\0\0\0\0\0", 8) == 0);
	EXPECT(buf_align(&b, 8) == 0);
	EXPECT(b.len == 8);
}

TEST(buf_refuses_sizes_that_overflow)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT(buf_add(&b, "x", 1) == 0);
	EXPECT(buf_reserve(&b, SIZE_MAX) == -ENOMEM);
	EXPECT(b.len == 1);
}
