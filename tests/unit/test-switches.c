/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "host/switches.h"

TEST(switches_of_a_command_line)
{
	static const struct {
		const char *cmdline;
		enum oakum_switch want;
	} cases[] = {
		{ "", SWITCH_NONE },
		{ "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n", SWITCH_NONE },
		{ "quiet oakum=off", SWITCH_OFF },
		{ "oakum=off\n", SWITCH_OFF },
		{ "oakum=no-apply quiet", SWITCH_NO_APPLY },
		{ "oakum=no-apply oakum=off oakum=no-apply", SWITCH_OFF },
		{ "\"oakum=off\"", SWITCH_OFF },
		{ "oakum=\"off\"", SWITCH_OFF },
		{ "dyndbg=\"file x oakum=off\"", SWITCH_NONE },
		{ "xoakum=off oakum.off oakum", SWITCH_NONE },
		{ "oakum=offf", SWITCH_NO_APPLY },
		{ "oakum=", SWITCH_NO_APPLY },
		{ "OAKUM=off", SWITCH_NONE },
		{ "\toakum=off\t", SWITCH_OFF },
		{ "a=\"unclosed oakum=off", SWITCH_NONE },
		{ "oakum=off0123456789012345678901234567890123456789012345678901234567890123456789",
		  SWITCH_NO_APPLY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].cmdline;
		EXPECT(switches_of_cmdline(cases[i].cmdline) == cases[i].want);
	}
	test_case = NULL;
}

static void expect_switch(int root, enum oakum_switch want, const char *why)
{
	struct switches s;

	switches_read(root, &s);
	EXPECT(s.state == want);
	EXPECT_STR(s.why, why);
}

TEST(switches_the_strictest_counts)
{
	_cleanup_(closep) int root = tree_new();

	expect_switch(root, SWITCH_NONE, "");
	tree_put(root, "proc/cmdline", "quiet\n");
	expect_switch(root, SWITCH_NONE, "");
	tree_put(root, "etc/oakum/no-apply", "");
	expect_switch(root, SWITCH_NO_APPLY, "the file /etc/oakum/no-apply is there");
	tree_put(root, "proc/cmdline", "oakum=no-apply\n");
	expect_switch(root, SWITCH_NO_APPLY,
		      "the kernel command line says oakum=no-apply, or oakum= with an unknown word");
	tree_put(root, "etc/oakum/off", "false");
	expect_switch(root, SWITCH_OFF, "the file /etc/oakum/off is there");
	tree_put(root, "proc/cmdline", "oakum=off\n");
	expect_switch(root, SWITCH_OFF, "the kernel command line says oakum=off");
	EXPECT_STR(switch_name(SWITCH_NONE), "none");
	EXPECT_STR(switch_name(SWITCH_NO_APPLY), "no-apply");
	EXPECT_STR(switch_name(SWITCH_OFF), "off");
}

TEST(switches_a_file_of_any_kind)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err;

	EXPECT(dir_make(root, "etc/oakum", &err) == 0);
	EXPECT(symlinkat("/nowhere", root, "etc/oakum/off") == 0);
	expect_switch(root, SWITCH_OFF, "the file /etc/oakum/off is there");
	tree_drop(root, "etc/oakum/off");
	EXPECT(dir_make(root, "etc/oakum/no-apply", &err) == 0);
	expect_switch(root, SWITCH_NO_APPLY, "the file /etc/oakum/no-apply is there");
	tree_drop(root, "etc");
	tree_put(root, "etc", "a file where a directory should be");
	expect_switch(root, SWITCH_NONE, "");
}
