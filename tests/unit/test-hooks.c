/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "agent/hooks.h"
#include "base/clock.h"

static void put_hook(int root, const char *path, const char *script)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	tree_put(root, path, text);
	EXPECT(fchmodat(root, path, 0755, 0) == 0);
}

static int run(enum hook hook, uint32_t timeout_s, struct hooks_result *ret, struct oak_error *err)
{
	char dir[4200];
	const struct hooks_options opt = { .dir = dir, .timeout_s = timeout_s, .owner = getuid() };
	const struct hook_event event = {
		.hook = hook,
		.level = 7,
		.from_level = 5,
		.build_id = "abc",
		.cves = "CVE-2026-1 CVE-2026-2",
		.result = hook == HOOK_POST_APPLY ? "ok" : NULL,
	};

	(void)snprintf(dir, sizeof(dir), "%s/root/hooks", test_dir());
	return hooks_run(&opt, &event, ret, err);
}

TEST(hooks_missing_are_none)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	EXPECT(hooks_run(&(struct hooks_options){ 0 }, &(struct hook_event){ 0 }, &res, &err) == 0);
	tree_drop(root, "hooks");
	EXPECT(run(HOOK_PRE_APPLY, 60, &res, &err) == 0);
	EXPECT(res.ran == 0 && !res.warnings.len && !res.output.len);
}

TEST(hooks_run_in_order_and_know_the_change)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	put_hook(root, "hooks/post-apply.d/20-b",
		 "echo \"$OAKUM_CVES\"; echo \"$OAKUM_RESULT\"; pwd");
	put_hook(root, "hooks/post-apply.d/10-a",
		 "echo $OAKUM_HOOK $OAKUM_LEVEL $OAKUM_FROM_LEVEL $OAKUM_BUILD_ID; env | grep -c HOME= || :");
	put_hook(root, "hooks/pre-apply.d/10-a", "exit 1");
	EXPECT(run(HOOK_POST_APPLY, 60, &res, &err) == 0);
	EXPECT(res.ran == 2);
	EXPECT_STR(buf_str(&res.output), "10-a: post-apply 7 5 abc\n10-a: 0\n"
					 "20-b: CVE-2026-1 CVE-2026-2\n20-b: ok\n20-b: /\n");
	EXPECT_STR(buf_str(&res.warnings), "");
}

TEST(hooks_before_hold_the_change)
{
	static const struct {
		const char *script, *want;
	} cases[] = {
		{ "echo; echo backup runs; echo more; exit 3",
		  "pre-apply hook 10-a failed (exit status 3): backup runs" },
		{ "echo to stdout; echo to stderr >&2; false",
		  "pre-apply hook 10-a failed (exit status 1): to stderr" },
		{ "exit 9", "pre-apply hook 10-a failed (exit status 9)" },
		{ "kill -SEGV $$", "pre-apply hook 10-a was ended by signal 11" },
		{ "printf 'a\\033[2J\\tb\\n'; exit 1",
		  "pre-apply hook 10-a failed (exit status 1): a?[2J b" },
		{ "echo waiting; sleep 60", "pre-apply hook 10-a took longer than 5 s: waiting" },
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	/* The last is late, the others have the time that they need under valgrind. */
	for (size_t i = 0; i < n; i++) {
		_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
		_cleanup_(closep) int root = tree_new();
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].script;
		put_hook(root, "hooks/pre-apply.d/10-a", cases[i].script);
		put_hook(root, "hooks/pre-apply.d/20-b", "echo not reached");
		EXPECT(run(HOOK_PRE_APPLY, i + 1 < n ? 60 : 5, &res, &err) == -OAK_E_AGAIN);
		EXPECT_STR(err.msg, cases[i].want);
		EXPECT(res.ran == 1);
	}
	test_case = NULL;
}

TEST(hooks_after_only_warn)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	put_hook(root, "hooks/post-revert.d/a", "exit 2");
	put_hook(root, "hooks/post-revert.d/b", "echo reached");
	tree_put(root, "hooks/post-revert.d/c", "#!/nowhere/sh\n");
	EXPECT(fchmodat(root, "hooks/post-revert.d/c", 0755, 0) == 0);
	EXPECT(run(HOOK_POST_REVERT, 60, &res, &err) == 0);
	EXPECT(res.ran == 3);
	EXPECT_CONTAINS(buf_str(&res.output), "b: reached\n");
	EXPECT_CONTAINS(buf_str(&res.warnings), "post-revert hook a failed (exit status 2)\n");
	EXPECT_CONTAINS(buf_str(&res.warnings), "post-revert hook c failed (exit status 127): ");
}

TEST(hooks_of_others_are_passed_over)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	put_hook(root, "hooks/pre-apply.d/name.sh", "exit 1");
	put_hook(root, "hooks/pre-apply.d/name~", "exit 1");
	put_hook(root, "hooks/pre-apply.d/writable", "exit 1");
	EXPECT(fchmodat(root, "hooks/pre-apply.d/writable", 0775, 0) == 0);
	put_hook(root, "hooks/pre-apply.d/plain", "exit 1");
	EXPECT(fchmodat(root, "hooks/pre-apply.d/plain", 0644, 0) == 0);
	EXPECT(mkdirat(root, "hooks/pre-apply.d/folder", 0755) == 0);
	EXPECT(symlinkat("/nowhere", root, "hooks/pre-apply.d/dangling") == 0);
	EXPECT(run(HOOK_PRE_APPLY, 60, &res, &err) == 0);
	EXPECT(res.ran == 0);
	EXPECT_CONTAINS(buf_str(&res.warnings),
			"/writable: passed over: others than its owner may write it\n");
	EXPECT_CONTAINS(buf_str(&res.warnings), "/plain: passed over: not executable\n");
	EXPECT_CONTAINS(buf_str(&res.warnings), "/folder: passed over: not a regular file\n");
	EXPECT_CONTAINS(buf_str(&res.warnings), "/dangling: passed over: No such file");
	EXPECT(!strstr(buf_str(&res.warnings), "name"));
}

TEST(hooks_of_another_owner_are_passed_over)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };
	char dir[4200];
	const struct hooks_options opt = { .dir = dir, .timeout_s = 5, .owner = getuid() + 1 };

	put_hook(root, "hooks/pre-apply.d/a", "exit 1");
	(void)snprintf(dir, sizeof(dir), "%s/root/hooks", test_dir());
	EXPECT(hooks_run(&opt, &(struct hook_event){ .hook = HOOK_PRE_APPLY }, &res, &err) == 0);
	EXPECT(res.ran == 0);
	EXPECT_CONTAINS(buf_str(&res.warnings),
			"pre-apply.d: passed over: not a directory that only root may write\n");
}

TEST(hooks_output_is_bounded)
{
	_cleanup_(hooks_result_free) struct hooks_result res = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	put_hook(root, "hooks/post-apply.d/a", "head -c 1000000 /dev/zero");
	EXPECT(run(HOOK_POST_APPLY, 60, &res, &err) == 0);
	EXPECT(res.output.len == strlen("a: ") + HOOKS_OUTPUT_MAX + 1);
	EXPECT(strspn(buf_str(&res.output) + 3, "?") == HOOKS_OUTPUT_MAX);
}
