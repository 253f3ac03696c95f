/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/deed.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "trust/date.h"

#define SCHEMA 1

void deed_result_clear(struct deed_result *r)
{
	apply_result_clear(&r->apply);
	hooks_result_free(&r->hooks);
	*r = (struct deed_result){ 0 };
}

static void mark(const struct deed_options *opt, const char *name, double other_ms)
{
	if (opt->steps)
		steps_mark(opt->steps, name, other_ms);
}

static int cves_text(const struct manifest *m, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; i < m->n_fixes; i++)
		for (size_t k = 0; r == 0 && k < m->fixes[i].n_cve; k++)
			r = buf_printf(ret, "%s%s", ret->len ? " " : "", m->fixes[i].cve[k]);
	return r;
}

static int run_hooks(const struct deed_options *opt, const struct hook_event *event,
		     struct deed_result *ret, struct oak_error *err)
{
	const struct settings *s = opt->settings;
	_cleanup_(hooks_result_free) struct hooks_result result = { 0 };
	int r;

	if (!s || !s->hooks)
		return 0;
	r = hooks_run(&(struct hooks_options){ .dir = s->hooks, .timeout_s = s->hook_timeout_s },
		      event, &result, err);
	if (result.warnings.len)
		progress_step(opt->apply.progress, "warning: %s", buf_str(&result.warnings));
	ret->hooks.ran += result.ran;
	if (buf_add(&ret->hooks.warnings, result.warnings.data, result.warnings.len) < 0 ||
	    buf_add(&ret->hooks.output, result.output.data, result.output.len) < 0)
		progress_step(opt->apply.progress, "what the hooks said is lost: out of memory");
	return r;
}

/* What a post-hook does wrong is a warning: the deed is done. */
static void run_post_hooks(const struct deed_options *opt, struct hook_event event, int r,
			   const struct oak_error *err, struct deed_result *ret)
{
	struct oak_error ignored;

	event.result = r == 0 ? "ok" : err->msg;
	if (run_hooks(opt, &event, ret, &ignored) < 0)
		progress_step(opt->apply.progress, "warning: %s", ignored.msg);
}

static int preflight(const struct deed_options *opt, const struct manifest *m,
		     struct deed_result *ret, struct oak_error *err)
{
	/* A host that boots is busy, and goes without its level for as long as we wait. */
	bool limited = opt->settings && opt->apply.by != JOURNAL_BY_BOOT;
	const struct preflight_options limits = {
		.pressure_percent = limited ? opt->settings->pressure : 0,
		/* Both go to a level that settled here; a full disk is no reason to be without one. */
		.stored = opt->apply.by == JOURNAL_BY_BOOT || opt->apply.by == JOURNAL_BY_GUARD,
	};

	preflight_run_with(opt->host, m, &limits, &ret->preflight);
	for (size_t i = 0; i < ret->preflight.n; i++)
		if (ret->preflight.rows[i].verdict == PREFLIGHT_WARN)
			progress_step(opt->apply.progress, "warning: %s",
				      ret->preflight.rows[i].text);
	return preflight_verdict(&ret->preflight, err);
}

int deed_apply(const struct deed_options *opt, const struct manifest *m, const void *module,
	       size_t len, struct deed_result *ret, struct oak_error *err)
{
	const struct livepatch *now = host_level(opt->host);
	_cleanup_(buf_free) struct buf cves = { 0 };
	struct hook_event event = { .hook = HOOK_PRE_APPLY,
				    .level = m->level,
				    .from_level = now ? now->level : 0,
				    .build_id = opt->host->id.build_id };
	int r;

	*ret = (struct deed_result){ .from = event.from_level, .level = m->level };
	r = preflight(opt, m, ret, err);
	mark(opt, "preflight", 0);
	if (r < 0)
		return r;
	if (cves_text(m, &cves) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	event.cves = buf_str(&cves);
	ret->stage = DEED_HOOKS;
	r = run_hooks(opt, &event, ret, err);
	if (r < 0)
		return r;
	mark(opt, "hooks", 0);
	ret->stage = DEED_KERNEL;
	r = level_apply(opt->host, m, module, len, &opt->apply, &ret->apply, err);
	if (opt->steps) {
		steps_add_kernel(opt->steps, &ret->apply);
		steps_mark(opt->steps, "journal",
			   ret->apply.load_ms + ret->apply.transition_ms + ret->apply.unload_ms);
	}
	event.hook = HOOK_POST_APPLY;
	run_post_hooks(opt, event, r, err, ret);
	return r;
}

int deed_revert(const struct deed_options *opt, struct deed_result *ret, struct oak_error *err)
{
	const struct livepatch *now = host_level(opt->host);
	struct hook_event event = { .hook = HOOK_PRE_REVERT,
				    .from_level = now ? now->level : 0,
				    .build_id = opt->host->id.build_id };
	int r;

	*ret = (struct deed_result){ .from = event.from_level };
	preflight_run_revert(opt->host, &ret->preflight);
	r = preflight_verdict(&ret->preflight, err);
	if (r == 0 && now) {
		ret->stage = DEED_HOOKS;
		r = run_hooks(opt, &event, ret, err);
	}
	/* A level that hurts goes whatever a hook thinks. */
	if (r == -OAK_E_AGAIN && opt->apply.by == JOURNAL_BY_GUARD)
		r = 0;
	if (r < 0)
		return r;
	ret->stage = DEED_KERNEL;
	r = level_revert(opt->host, &opt->apply, &ret->apply, err);
	if (opt->steps)
		steps_add_kernel(opt->steps, &ret->apply);
	event.hook = HOOK_POST_REVERT;
	if (now)
		run_post_hooks(opt, event, r, err, ret);
	return r;
}

static json_t *lines_json(const struct buf *text)
{
	_cleanup_(freep) char *copy = strdup(buf_str(text));
	json_t *list = json_array();
	char *rest = copy, *line;

	while (list && rest && (line = strsep(&rest, "\n")))
		if (*line)
			(void)json_array_append_new(list, json_string(line));
	return list;
}

static json_t *report_json(const struct deed_options *opt, const struct deed_result *result, int r,
			   const struct oak_error *err)
{
	static const char *const stages[] = {
		[DEED_PREFLIGHT] = "preflight", [DEED_HOOKS] = "hooks", [DEED_KERNEL] = "kernel"
	};
	char at[DATE_TEXT_MAX];
	json_t *doc;

	date_format((int64_t)time(NULL), at);
	doc = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:b}", "schema", SCHEMA, "time", at,
			"boot_id", opt->host->id.boot_id, "build_id", opt->host->id.build_id, "by",
			journal_by_name(opt->apply.by), "from", (int)result->from, "level",
			(int)result->level, "done", r == 0);
	if (!doc)
		return NULL;
	if (r < 0)
		(void)json_object_set_new(doc, "error",
					  json_pack("{s:s, s:s}", "code", oak_code_name(err->code),
						    "message", err->msg));
	(void)json_object_set_new(doc, "stage", json_string(stages[result->stage]));
	(void)json_object_set_new(doc, "preflight", preflight_json(&result->preflight));
	(void)json_object_set_new(doc, "load_ms", json_real(result->apply.load_ms));
	(void)json_object_set_new(doc, "transition_ms", json_real(result->apply.transition_ms));
	(void)json_object_set_new(doc, "unload_ms", json_real(result->apply.unload_ms));
	if (result->apply.impact.measured)
		(void)json_object_set_new(doc, "impact", impact_json(&result->apply.impact));
	if (result->apply.stall.n)
		(void)json_object_set_new(doc, "stall", stall_json(&result->apply.stall));
	(void)json_object_set_new(doc, "hooks", lines_json(&result->hooks.output));
	(void)json_object_set_new(doc, "hook_warnings", lines_json(&result->hooks.warnings));
	return doc;
}

void deed_report(const struct deed_options *opt, const struct deed_result *result, int r,
		 const struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = report_json(opt, result, r, err);
	_cleanup_(freep) char *text = doc ? json_text(doc) : NULL;
	struct oak_error ignored;

	if (!text)
		progress_step(opt->apply.progress, "no report: out of memory");
	else if (file_write(opt->host->root, DEED_REPORT_PATH, text, strlen(text), 0644, &ignored) <
		 0)
		progress_step(opt->apply.progress, "no report: %s", ignored.msg);
}
