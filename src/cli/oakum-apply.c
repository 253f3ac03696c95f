/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/oakum-apply.h"

#include "base/cleanup.h"

static int preflight(const struct cli *cli, const struct oakum *o, const struct manifest *m,
		     json_t *doc, struct oak_error *err)
{
	struct preflight_report report;

	preflight_run(&o->host, m, &report);
	(void)json_object_set_new(doc, "preflight", oakum_json_preflight(&report));
	for (size_t i = 0; i < report.n; i++)
		if (report.rows[i].verdict == PREFLIGHT_WARN)
			progress_step(cli->progress, "warning: %s", report.rows[i].text);
	return preflight_verdict(&report, err);
}

static void describe(json_t *doc, const struct manifest *m)
{
	(void)json_object_set_new(doc, "level", json_integer(m->level));
	(void)json_object_set_new(doc, "channel", json_string(m->channel));
	(void)json_object_set_new(doc, "module_bytes", json_integer((json_int_t)m->module.size));
	(void)json_object_set_new(doc, "fixes", oakum_json_fixes(m));
	(void)json_object_set_new(doc, "cves", oakum_json_cves(m));
}

int oakum_carry_out(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err)
{
	const struct apply_options opt = oakum_apply_options(cli, deed->timeout_ms);
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	_cleanup_(freep) char *fixes = oakum_fixes_text(deed->m);
	int r;

	describe(doc, deed->m);
	r = preflight(cli, o, deed->m, doc, err);
	steps_mark(steps, "preflight", 0);
	if (r < 0)
		return r;
	r = level_apply(&o->host, deed->m, deed->module, deed->len, &opt, &result, err);
	steps_add_kernel(steps, &result);
	steps_mark(steps, "journal", result.load_ms + result.transition_ms + result.unload_ms);
	steps_json(steps, doc);
	oakum_tell_stall(cli, doc, &result.stall);
	if (r < 0 || cli->json)
		return r;
	printf("%slevel %u is applied%s: %s\n", cli_color(cli, CLI_GREEN), deed->m->level,
	       cli_color(cli, CLI_RESET), fixes ? fixes : "");
	steps_print(cli, steps);
	return 0;
}
