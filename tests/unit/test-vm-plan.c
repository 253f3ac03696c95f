/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/vm.h"

static const struct vm_function functions[] = {
	{ "vmlinux", "f", 0 },
	{ "vmlinux", "f", 0 }, /* of a second fix to the same file */
	{ "vmlinux", "f", 2 },
	{ "zram", "g", 0 },
};
static const char *const objects[] = { "zram" };
static const struct vm_level vmlinux_only = { "l", "oakum_1", "l.ko", functions, 3, NULL, 0 };
static const struct vm_level with_module = { "l", "oakum_1", "l.ko", functions, 4, objects, 1 };
static const struct vm_level next_level = { "n", "oakum_2", "n.ko", functions, 4, objects, 1 };

static char zsmalloc[] = "zsmalloc", zram[] = "zram";
static uint32_t zram_needs[] = { 0 };
static struct vm_module loaded[] = {
	{ .name = zsmalloc },
	{ .name = zram, .needs = zram_needs, .n_needs = 1 },
};
static const struct vm_modules no_modules = { NULL, 0 };
static const struct vm_modules two_modules = { loaded, 2 };

static void text_of(const struct vm_cases *c, struct buf *ret)
{
	_cleanup_(vm_plan_free) struct vm_plan plan = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vm_plan_make(c, &plan, &err) == 0);
	EXPECT(vm_plan_text(&plan, ret) == 0);
}

TEST(plan_of_a_level_of_vmlinux)
{
	const struct vm_cases c = {
		.levels = &vmlinux_only, .n = 1, .modules = &no_modules, .probe = true
	};
	_cleanup_(buf_free) struct buf text = { 0 };

	text_of(&c, &text);
	EXPECT_STR(buf_str(&text), "case oakum_1\nmark\nprobe\n"
				   "load level.0.ko oakum_1 probe\nsees oakum_1 vmlinux 2\nprobe\n"
				   "revert oakum_1 probe\nrmmod oakum_1\nprobe\nclean\n"
				   "load level.0.ko oakum_1 probe\nsees oakum_1 vmlinux 2\nprobe\n"
				   "revert oakum_1 probe\nrmmod oakum_1\nprobe\nclean\n");
}

TEST(plan_moves_modules_before_under_and_after_a_level)
{
	const struct vm_cases c = {
		.levels = &with_module, .n = 1, .next = &next_level, .modules = &two_modules
	};
	_cleanup_(buf_free) struct buf text = { 0 };
	static const char first[] =
		"case oakum_1\ninsmod modules/zsmalloc.ko\n"
		"load level.0.ko oakum_1\nsees oakum_1 vmlinux 2\nmisses oakum_1 zram\n"
		"insmod modules/zram.ko\nsees oakum_1 vmlinux 2\nsees oakum_1 zram 1\n"
		"revert oakum_1\nrmmod oakum_1\nholds zram\nholds zsmalloc\nmark\n";

	text_of(&c, &text);
	EXPECT(strncmp(buf_str(&text), first, sizeof(first) - 1) == 0);
	EXPECT_STR(buf_str(&text) + sizeof(first) - 1,
		   "load level.0.ko oakum_1\nsees oakum_1 vmlinux 2\nsees oakum_1 zram 1\n"
		   "rmmod zram\nsees oakum_1 vmlinux 2\nmisses oakum_1 zram\n"
		   "insmod modules/zram.ko\nsees oakum_1 vmlinux 2\nsees oakum_1 zram 1\n"
		   "load level.1.ko oakum_2\nsees oakum_2 vmlinux 2\nsees oakum_2 zram 1\n"
		   "gone oakum_1\nrmmod oakum_1\n"
		   "rmmod zram\nsees oakum_2 vmlinux 2\nmisses oakum_2 zram\n"
		   "insmod modules/zram.ko\nsees oakum_2 vmlinux 2\nsees oakum_2 zram 1\n"
		   "revert oakum_2\nrmmod oakum_2\nclean\nrmmod zram\nrmmod zsmalloc\n");
}

TEST(plan_leaves_a_module_that_cannot_go)
{
	const struct vm_cases c = { .levels = &with_module, .n = 1, .modules = &two_modules };
	_cleanup_(buf_free) struct buf text = { 0 };

	loaded[1].permanent = true;
	text_of(&c, &text);
	loaded[1].permanent = false;
	EXPECT(!strstr(buf_str(&text), "rmmod zram\n") && !strstr(buf_str(&text), "misses"));
}

TEST(plan_refuses_a_name_that_would_be_two_words)
{
	struct vm_level level = vmlinux_only;
	const struct vm_cases c = { .levels = &level, .n = 1, .modules = &no_modules };
	_cleanup_(vm_plan_free) struct vm_plan plan = { 0 };
	struct oak_error err = { .code = OAK_OK };

	level.patch = "oakum_1\nclean";
	EXPECT(vm_plan_make(&c, &plan, &err) == -OAK_E_TOOLARGE);
	EXPECT_CONTAINS(err.msg, "no name for a module: \"oakum_1");
}

/* A test machine that answers everything well, its probe with one status a time. */
static void answer(struct vm_result *res, const unsigned int *statuses)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	EXPECT(vm_report_init(res->plan.n, &res->report, &err) == 0);
	for (size_t i = 0; i < res->plan.n; i++) {
		EXPECT(buf_printf(&b, "@start %zu\n@done %zu 1 4096", i, i) == 0);
		if (res->plan.v[i].verb == VM_PROBE)
			EXPECT(buf_printf(&b, " %u", *statuses++) == 0);
		EXPECT(buf_add_str(&b, "\n") == 0);
	}
	EXPECT(buf_add_str(&b, "@end\n") == 0);
	vm_report_feed(&res->report, b.data, b.len);
}

static void judged(const unsigned int statuses[5], const char *log, bool constant,
		   struct vm_result *res)
{
	const struct vm_cases c = { .levels = &vmlinux_only,
				    .n = 1,
				    .modules = &no_modules,
				    .probe = true,
				    .probe_constant = constant };
	const struct vm_options opt = { .levels = &vmlinux_only, .n_levels = 1, .timeout_s = 9 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vm_plan_make(&c, &res->plan, &err) == 0);
	answer(res, statuses);
	EXPECT(buf_add_str(&res->log, log) == 0);
	vm_judge(&opt, false, res);
}

TEST(judge_wants_the_probe_to_change_its_mind)
{
	static const struct {
		const char *name;
		unsigned int statuses[5]; /* before, loaded, reverted, loaded, reverted */
		bool constant;
		const char *log, *want; /* NULL: passed */
	} cases[] = {
		{ "good", { 1, 0, 1, 0, 1 }, false, "", NULL },
		{ "never vulnerable",
		  { 0, 0, 0, 0, 0 },
		  false,
		  "",
		  "the probe says \"fixed\" where \"vulnerable\" is expected (exit status 0)" },
		{ "never fixed",
		  { 1, 1, 1, 1, 1 },
		  false,
		  "",
		  "the probe says \"vulnerable\" where \"fixed\" is expected (exit status 1)" },
		{ "cannot tell",
		  { 2, 0, 1, 0, 1 },
		  false,
		  "",
		  "the probe says \"cannot tell\" where \"vulnerable\" is expected (exit status 2)" },
		{ "constant", { 0, 0, 0, 0, 0 }, true, "", NULL },
		{ "a warning",
		  { 1, 0, 1, 0, 1 },
		  false,
		  "oakum-test: step 4\nWARNING: at f\n",
		  "WARN in the kernel's log: WARNING: at f" },
		{ "a warning before the level",
		  { 1, 0, 1, 0, 1 },
		  false,
		  "oakum-test: step 1\nWARNING: at f\n",
		  NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(vm_result_free) struct vm_result res = { 0 };

		test_case = cases[i].name;
		judged(cases[i].statuses, cases[i].log, cases[i].constant, &res);
		EXPECT((res.n_problems == 0) == (cases[i].want == NULL));
		if (cases[i].want)
			EXPECT_STR(res.problems[0].text, cases[i].want);
	}
}

TEST(judge_says_where_the_machine_stopped)
{
	static const struct {
		const char *name, *in;
		bool timed_out;
		const char *want;
		size_t step;
	} cases[] = {
		{ "no boot", "", true,
		  "the kernel did not come up in time; --keep-log shows how far it came, --memory "
		  "gives it more than 512 MiB",
		  VM_NO_STEP },
		{ "died at boot", "", false,
		  "the kernel died before the first step; --keep-log shows how far it came, "
		  "--memory gives it more than 512 MiB",
		  VM_NO_STEP },
		{ "died", "@start 0\n@done 0 1 0\n@start 1\n", false, "the machine died here", 1 },
		{ "hung", "@start 0\n", true,
		  "no answer: the machine was ended after 9 s (--timeout)", 0 },
		{ "taint", "@start 0\n@done 0 1 0\n@start 1\n@done 1 1 512\n@start 2\n", false,
		  "the machine died here", 2 },
	};
	const struct vm_cases c = { .levels = &vmlinux_only, .n = 1, .modules = &no_modules };
	const struct vm_options opt = {
		.levels = &vmlinux_only, .n_levels = 1, .timeout_s = 9, .memory_mib = 512
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(vm_result_free) struct vm_result res = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(vm_plan_make(&c, &res.plan, &err) == 0);
		EXPECT(vm_report_init(res.plan.n, &res.report, &err) == 0);
		vm_report_feed(&res.report, cases[i].in, strlen(cases[i].in));
		vm_judge(&opt, cases[i].timed_out, &res);
		EXPECT(res.n_problems >= 1);
		EXPECT_STR(res.problems[0].text, cases[i].want);
		EXPECT(res.problems[0].step == cases[i].step);
	}
}

TEST(modules_that_go_take_those_that_need_them_along)
{
	static const char *const patched[] = { "zsmalloc" }, *const top[] = { "zram" };
	bool wanted[2], moving[2];

	vm_modules_wanted(&two_modules, top, 1, wanted);
	EXPECT(wanted[0] && wanted[1]);
	EXPECT(vm_modules_moving(&two_modules, wanted, patched, 1, moving));
	EXPECT(moving[0] && moving[1]);
	EXPECT(vm_modules_moving(&two_modules, wanted, top, 1, moving));
	EXPECT(!moving[0] && moving[1]);
	vm_modules_wanted(&two_modules, patched, 1, wanted);
	EXPECT(wanted[0] && !wanted[1]);
	EXPECT(vm_modules_moving(&two_modules, wanted, patched, 1, moving));
	EXPECT(moving[0] && !moving[1]);
}
