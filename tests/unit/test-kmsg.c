/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <errno.h>

#include "host/kmsg.h"

static const struct {
	const char *name, *bytes;
	int want;
	struct kmsg_record r;
} cases[] = {
	{ "plain",
	  "6,339,5140900,-;NET: Registered PF_INET6\n",
	  0,
	  { 6, true, 339, 5140900, "NET: Registered PF_INET6" } },
	{ "with a caller and more",
	  "4,7,8,-,caller=C1,x=y;text; with; more\n SUBSYSTEM=pci\n DEVICE=+pci:0\n",
	  0,
	  { 4, true, 7, 8, "text; with; more" } },
	{ "no flags", "0,1,2;x\n", 0, { 0, true, 1, 2, "x" } },
	{ "no end of line", "0,1,2,-;x", 0, { 0, true, 1, 2, "x" } },
	{ "empty text", "0,1,2,-;\n", 0, { 0, true, 1, 2, "" } },
	{ "written by a process", "12,1,2,-;BUG: x\n", 0, { 4, false, 1, 2, "BUG: x" } },
	{ "not ASCII", "6,1,2,-;a\x1b[31m\xc3\xa4\tb\n", 0, { 6, true, 1, 2, "a?[31m???b" } },
	{ "largest",
	  "7,18446744073709551615,18446744073709551615,-;x\n",
	  0,
	  { 7, true, UINT64_MAX, UINT64_MAX, "x" } },
	{ "too large", "7,18446744073709551616,1,-;x\n", -EINVAL, { 0 } },
	{ "empty", "", -EINVAL, { 0 } },
	{ "no number", ",1,2,-;x\n", -EINVAL, { 0 } },
	{ "negative", "6,-1,2,-;x\n", -EINVAL, { 0 } },
	{ "two numbers", "6,1;x\n", -EINVAL, { 0 } },
	{ "no semicolon", "6,1,2,-\n", -EINVAL, { 0 } },
	{ "cut in the prefix", "6,1,2", -EINVAL, { 0 } },
	{ "other text", "hello\n", -EINVAL, { 0 } },
};

TEST(kmsg_parse_records)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct kmsg_record *want = &cases[i].r;
		struct kmsg_record r = { .seq = 77 };

		test_case = cases[i].name;
		EXPECT(kmsg_parse(cases[i].bytes, strlen(cases[i].bytes), &r) == cases[i].want);
		if (cases[i].want < 0) {
			EXPECT(r.seq == 77);
			continue;
		}
		EXPECT(r.level == want->level && r.kernel == want->kernel);
		EXPECT(r.seq == want->seq && r.usec == want->usec);
		EXPECT_STR(r.text, want->text);
	}
	test_case = NULL;
}

TEST(kmsg_parse_cuts_a_long_text)
{
	char bytes[2048] = "6,1,2,-;";
	struct kmsg_record r;

	memset(bytes + 8, 'x', sizeof(bytes) - 8);
	EXPECT(kmsg_parse(bytes, sizeof(bytes), &r) == 0);
	EXPECT(strlen(r.text) == KMSG_TEXT_MAX - 1);
}

/* A fifo gives one record a read as long as only one is in it. */
static struct kmsg open_fake(int root, uint64_t from)
{
	struct kmsg k = { .from = from };

	EXPECT(mkdirat(root, "dev", 0755) == 0);
	EXPECT(mkfifoat(root, "dev/kmsg", 0600) == 0);
	k.fd = openat(root, "dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	EXPECT(k.fd >= 0);
	return k;
}

static int next(struct kmsg *k, const char *bytes, struct kmsg_record *ret)
{
	if (bytes)
		EXPECT(write(k->fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
	return kmsg_next(k, ret);
}

TEST(kmsg_next_skips_and_counts)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(kmsg_close) struct kmsg k = open_fake(root, 5);
	struct kmsg_record r;

	EXPECT(next(&k, NULL, &r) == 0);
	EXPECT(next(&k, "6,4,1,-;before\n", &r) == 0);
	EXPECT(next(&k, "6,5,1,-;first\n", &r) == 1);
	EXPECT_STR(r.text, "first");
	EXPECT(next(&k, "garbage\n", &r) == 0);
	EXPECT(k.lost == 0);
	EXPECT(next(&k, "6,9,1,-;later\n", &r) == 1);
	EXPECT(k.lost == 3 && k.next == 10);
}

TEST(kmsg_open_explains)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err;
	struct kmsg k;

	EXPECT(kmsg_open(root, KMSG_NOW, &k, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "/dev/kmsg is missing: the kernel log cannot be watched");
	tree_put(root, "dev/kmsg", "6,0,1,-;old\n");
	EXPECT(kmsg_open(root, KMSG_NOW, &k, &err) == 0);
	EXPECT(k.from == 0);
	kmsg_close(&k);
	EXPECT(k.fd == -1);
	kmsg_close(&k);
	EXPECT(kmsg_open(root, 3, &k, &err) == 0);
	EXPECT(k.from == 3);
	kmsg_close(&k);
}
