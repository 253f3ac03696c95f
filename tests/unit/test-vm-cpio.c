/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

#include "base/process.h"
#include "build/vm-cpio.h"

static void pack(struct buf *b)
{
	EXPECT(cpio_add_dir(b, "dev") == 0);
	EXPECT(cpio_add_console(b) == 0);
	EXPECT(cpio_add_file(b, "init", 0755, "hello", 5) == 0);
	EXPECT(cpio_add_file(b, "empty", 0600, NULL, 0) == 0);
	EXPECT(cpio_end(b) == 0);
}

TEST(cpio_writes_the_header_byte_for_byte)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	static const char want[] = "070701"
				   "00000000"
				   "000081ED"
				   "00000000"
				   "00000000"
				   "00000001"
				   "00000000"
				   "00000005"
				   "00000000"
				   "00000000"
				   "00000000"
				   "00000000"
				   "00000005"
				   "00000000"
				   "init";

	EXPECT(cpio_add_file(&b, "init", 0755, "hello", 5) == 0);
	EXPECT(b.len == 116 + 8); /* header with name, and data, each a multiple of 4 */
	EXPECT(memcmp(b.data, want, sizeof(want)) == 0);
	EXPECT(memcmp(b.data + 116, "hello\0\0\0", 8) == 0);
}

TEST(cpio_is_the_same_each_time)
{
	_cleanup_(buf_free) struct buf a = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };

	pack(&a);
	pack(&b);
	EXPECT(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
}

TEST(cpio_is_what_the_tool_of_that_name_reads)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	const char *const argv[] = { "cpio", "-t", "--quiet", NULL };
	struct oak_error err = { .code = OAK_OK };
	int r;

	pack(&b);
	r = process_run(argv, &(struct process_options){ .input = b.data, .input_len = b.len },
			&res, &err);
	if (r == -OAK_E_NOTFOUND)
		skip();
	EXPECT(r == 0 && res.status == 0);
	EXPECT_STR(buf_str(&res.out), "dev\ndev/console\ninit\nempty\n");
}
