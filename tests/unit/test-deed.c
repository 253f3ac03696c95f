/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One change of the kernel, from its hooks to its report. Hooks are root's: so is this test. */
#include "fake-ops.h"

#include "agent/deed.h"
#include "base/json.h"
#include "fake-manifest.h"
#include "host/journal.h"

struct scene {
	int root;
	char hooks[256];
	struct settings settings;
	struct host host;
	struct manifest *m;
	struct fake_ops kernel;
	struct module_ops ops;
	struct buf said; /* of the progress */
	struct progress progress;
	struct deed_options opt;
	struct deed_result result;
};

static void hear(void *ctx, const char *text)
{
	EXPECT(buf_printf(ctx, "%s\n", text) == 0);
}

/* @level: in the kernel already; 0: none. */
static void scene_new(struct scene *s, uint32_t level)
{
	struct oak_error err;

	*s = (struct scene){ .root = tree_new_host() };
	(void)snprintf(s->hooks, sizeof(s->hooks), "%s/root/hooks", test_dir());
	EXPECT(dir_make(s->root, "hooks", &err) == 0);
	EXPECT(settings_init(&s->settings, &err) == 0);
	free(s->settings.hooks);
	s->settings.hooks = strdup(s->hooks);
	if (level)
		tree_put_livepatch(s->root, "oakum_1", "syscall_trace_enter,1", "1\n", "0\n");
	s->m = fake_manifest(
		&(struct fake_level){ .build_id = FAKE_BUILD_ID, .level = 2, .module = "module" });
	s->kernel = (struct fake_ops){ .root = s->root, .level = 2 };
	s->ops = fake_ops(&s->kernel);
	s->progress = (struct progress){ .step = hear, .ctx = &s->said };
	EXPECT(host_read(s->root, &s->host, &err) == 0);
	s->opt = (struct deed_options){ .host = &s->host,
					.settings = &s->settings,
					.apply = { .ops = &s->ops,
						   .by = JOURNAL_BY_AGENT,
						   .timeout_ms = 50,
						   .back_ms = 50,
						   .progress = &s->progress } };
}

static void scene_free(struct scene *s)
{
	deed_result_clear(&s->result);
	host_clear(&s->host);
	manifest_free(s->m);
	settings_free(&s->settings);
	buf_free(&s->said);
	closep(&s->root);
}

/* Each tells the log that it ran, and what the kernel held then. */
static void put_hook(const struct scene *s, const char *when, const char *script)
{
	char path[64], text[1024];

	(void)snprintf(path, sizeof(path), "hooks/%s.d/10-x", when);
	(void)snprintf(text, sizeof(text),
		       "#!/bin/sh\necho \"%s level=$OAKUM_LEVEL from=$OAKUM_FROM_LEVEL "
		       "result=$OAKUM_RESULT cves=$OAKUM_CVES\" $(ls %s/../sys/kernel/livepatch) "
		       ">> %s/../log\n%s\n",
		       when, s->hooks, s->hooks, script);
	tree_put(s->root, path, text);
	EXPECT(fchmodat(s->root, path, 0755, 0) == 0);
}

static void put_all_hooks(const struct scene *s)
{
	static const char *const all[] = { "pre-apply", "post-apply", "pre-revert", "post-revert" };

	for (size_t i = 0; i < 4; i++)
		put_hook(s, all[i], "exit 0");
}

static void expect_log(const struct scene *s, const char *want)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_exists(s->root, "log"))
		EXPECT(file_read(s->root, "log", 65536, &text, NULL) == 0);
	EXPECT_STR(buf_str(&text), want);
}

static int apply(struct scene *s, struct oak_error *err)
{
	*err = (struct oak_error){ .code = OAK_OK };
	return deed_apply(&s->opt, s->m, "module", 6, &s->result, err);
}

/* What is taken back vanishes at once. */
static int revert(struct scene *s, struct oak_error *err)
{
	*err = (struct oak_error){ .code = OAK_OK };
	return deed_revert(&s->opt, &s->result, err);
}

#define NEEDS_ROOT                                                             \
	do {                                                                   \
		if (getuid() != 0) {                                           \
			print_message("skipped: hooks must belong to root\n"); \
			skip();                                                \
		}                                                              \
	} while (0)

TEST(deed_apply_between_its_hooks)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	NEEDS_ROOT;
	scene_new(&s, 1);
	put_all_hooks(&s);
	EXPECT(apply(&s, &err) == 0);
	expect_log(&s, "pre-apply level=2 from=1 result= cves=CVE-2026-89603 oakum_1\n"
		       "post-apply level=2 from=1 result=ok cves=CVE-2026-89603 oakum_2\n");
	EXPECT(s.result.from == 1 && s.result.level == 2 && s.result.hooks.ran == 2);
}

TEST(deed_apply_held_by_a_hook)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct journal_view v;
	struct oak_error err;

	NEEDS_ROOT;
	scene_new(&s, 1);
	put_all_hooks(&s);
	put_hook(&s, "pre-apply", "echo a backup runs; exit 3");
	EXPECT(apply(&s, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "pre-apply hook 10-x failed (exit status 3): a backup runs");
	/* Nothing was begun, so that nothing has ended. */
	expect_log(&s, "pre-apply level=2 from=1 result= cves=CVE-2026-89603 oakum_1\n");
	EXPECT(s.kernel.loads == 0);
	EXPECT(journal_read(s.root, FAKE_BUILD_ID, &v, &err) == 0 && v.level == 0);
}

TEST(deed_apply_that_fails_is_told_to_hooks)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	NEEDS_ROOT;
	scene_new(&s, 0);
	put_hook(&s, "post-apply", "exit 0");
	s.kernel.load_error = ENOMEM;
	EXPECT(apply(&s, &err) == -OAK_E_NOMEM);
	{
		char want[1200];

		(void)snprintf(want, sizeof(want),
			       "post-apply level=2 from=0 result=%s cves=CVE-2026-89603\n",
			       err.msg);
		expect_log(&s, want);
	}
}

TEST(deed_apply_done_whatever_a_post_hook_says)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	NEEDS_ROOT;
	scene_new(&s, 0);
	put_hook(&s, "post-apply", "echo cannot mail; exit 1");
	EXPECT(apply(&s, &err) == 0);
	EXPECT_CONTAINS(buf_str(&s.said),
			"warning: post-apply hook 10-x failed (exit status 1): cannot mail");
}

TEST(deed_apply_refused_runs_no_hook)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	scene_new(&s, 0);
	put_all_hooks(&s);
	s.m->withdrawn = true;
	EXPECT(apply(&s, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "level 2 was withdrawn by its publisher");
	expect_log(&s, "");
	EXPECT(s.kernel.loads == 0 && s.result.level == 2 && s.result.preflight.n > 0);
}

TEST(deed_revert_held_by_a_hook_but_not_for_a_guard)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	NEEDS_ROOT;
	scene_new(&s, 1);
	put_all_hooks(&s);
	put_hook(&s, "pre-revert", "echo not now; exit 1");
	EXPECT(revert(&s, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "pre-revert hook 10-x failed (exit status 1): not now");
	expect_log(&s, "pre-revert level=0 from=1 result= cves= oakum_1\n");
	EXPECT(file_exists(s.root, "sys/kernel/livepatch/oakum_1"));
	deed_result_clear(&s.result);
	/* Nobody ends the transition of this fake, but it was begun. */
	s.opt.apply.by = JOURNAL_BY_GUARD;
	EXPECT(revert(&s, &err) == -OAK_E_AGAIN);
	EXPECT_CONTAINS(err.msg, "oakum_1 could not be reverted within 50 ms");
	EXPECT_CONTAINS(buf_str(&s.said), "reverting oakum_1");
}

TEST(deed_report_tells)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *error;
	struct oak_error err;
	int r;

	scene_new(&s, 0);
	s.m->withdrawn = true;
	r = apply(&s, &err);
	EXPECT(buf_add_str(&s.result.hooks.output, "10-x: one\n10-x: two\n") == 0);
	deed_report(&s.opt, &s.result, r, &err);
	EXPECT(file_read(s.root, DEED_REPORT_PATH, 65536, &text, &err) == 0);
	EXPECT(json_parse(text.data, text.len, 65536, "report", &doc, &err) == 0);
	error = json_object_get(doc, "error");
	EXPECT_STR(json_get_str(error, "code"), "refused");
	EXPECT_STR(json_get_str(error, "message"), "level 2 was withdrawn by its publisher");
	EXPECT_STR(json_get_str(doc, "boot_id"), "b8a7a2a4-0000-4000-8000-1234567890ab");
	EXPECT(json_integer_value(json_object_get(doc, "level")) == 2);
	EXPECT(json_array_size(json_object_get(doc, "preflight")) == s.result.preflight.n);
	EXPECT(json_array_size(json_object_get(doc, "hooks")) == 2);
	EXPECT(json_array_size(json_object_get(doc, "hook_warnings")) == 0);
}

/* A full disk: the report is lost, and that is said. */
TEST(deed_report_that_cannot_be_written)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	scene_new(&s, 0);
	EXPECT(apply(&s, &err) == 0);
	tree_drop(s.root, "var/lib/oakum");
	tree_put(s.root, "var/lib/oakum", "a file");
	deed_report(&s.opt, &s.result, 0, &err);
	EXPECT_CONTAINS(buf_str(&s.said), "no report: ");
}
