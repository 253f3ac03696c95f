/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/vm-report.h"

static void feed(struct vm_report *r, const char *text)
{
	vm_report_feed(r, text, strlen(text));
}

TEST(report_takes_the_answers_in_order)
{
	_cleanup_(vm_report_free) struct vm_report r = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vm_report_init(4, &r, &err) == 0);
	feed(&r, "@start 0\r\n@done 0 12 4096\n@start 1\n| first\n| CVE: VULNER");
	EXPECT(r.v[0].state == VM_DONE && r.v[0].ms == 12 && r.v[0].taint == 4096);
	EXPECT(r.v[1].state == VM_RUNNING && r.at == 1);
	feed(&r, "ABLE\n@done 1 7 0 1\n@start 2\n@fail 2 9 512 no such file\n@skip 3\n@end\n");
	EXPECT(r.v[1].state == VM_DONE && r.v[1].n_values == 1 && r.v[1].value[0] == 1);
	EXPECT_STR(r.v[1].text, "CVE: VULNERABLE");
	EXPECT(r.v[2].state == VM_FAILED && r.v[2].taint == 512);
	EXPECT_STR(r.v[2].text, "no such file");
	EXPECT(r.v[3].state == VM_SKIPPED);
	EXPECT(r.ended && r.at == 4 && r.strange == 0);
}

TEST(report_does_not_believe_what_is_out_of_order)
{
	static const struct {
		const char *name, *in;
		uint64_t strange;
	} cases[] = {
		{ "not started", "@done 0 1 0\n", 1 },
		{ "another step", "@start 1\n", 1 },
		{ "a step that is not", "@start 7\n", 1 },
		{ "started twice", "@start 0\n@start 0\n", 1 },
		{ "answered twice", "@start 0\n@done 0 1 0\n@done 0 1 0\n", 1 },
		{ "too many values", "@start 0\n@done 0 1 0 1 2 3 4 5\n", 1 },
		{ "no number", "@start 0\n@done 0 x 0\n", 1 },
		{ "no taint", "@start 0\n@fail 0 1\n", 1 },
		{ "a number above all", "@start 0\n@done 0 99999999999999999999999 0\n", 1 },
		{ "after the end", "@end\n@start 0\n", 1 },
		{ "a probe's line without a probe", "| hello\n", 1 },
		{ "an empty line", "\n", 1 },
		{ "a probe that speaks for us", "@start 0\n| @done 0 1 0 0\n", 0 },
		{ "an open line", "@start 0", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(vm_report_free) struct vm_report r = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(vm_report_init(2, &r, &err) == 0);
		feed(&r, cases[i].in);
		EXPECT(r.strange == cases[i].strange);
		EXPECT(r.v[1].state == VM_NOT_RUN);
	}
}

TEST(report_bounds_a_line_and_keeps_a_terminal_safe)
{
	_cleanup_(vm_report_free) struct vm_report r = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vm_report_init(1, &r, &err) == 0);
	EXPECT(buf_add_str(&text, "@start 0\n@fail 0 1 0 \033[31mred ") == 0);
	for (int i = 0; i < 100000; i++)
		EXPECT(buf_add_str(&text, "x") == 0);
	feed(&r, buf_str(&text));
	EXPECT(r.v[0].state == VM_RUNNING);
	feed(&r, "\n");
	EXPECT(r.v[0].state == VM_FAILED);
	EXPECT(strncmp(r.v[0].text, "?[31mred xxx", 12) == 0);
	EXPECT(strlen(r.v[0].text) == VM_TEXT_MAX - 1);
}
