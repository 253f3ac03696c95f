/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum check: what "oakum update" would do; the kernel and the levels stay as they are. */
#include <assert.h>

#include "agent/plan.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-apply.h"
#include "cli/oakum-steps.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/lock.h"

enum {
	REPOSITORY = OAKUM_ROOT + 1,
	CHANNEL,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "repository", .arg = "URL", .help = "instead of the one in oakum.conf" },
	{ .name = "channel", .arg = "C", .help = "only levels of this channel" },
	{ .name = NULL },
};

static void print_report(const struct cli *cli, const struct preflight_report *report)
{
	static const enum cli_color colors[] = {
		[PREFLIGHT_PASS] = CLI_GREEN,
		[PREFLIGHT_WARN] = CLI_YELLOW,
		[PREFLIGHT_UNKNOWN] = CLI_YELLOW,
		[PREFLIGHT_FAIL] = CLI_RED,
	};

	for (size_t i = 0; i < report->n; i++) {
		const struct preflight_row *row = &report->rows[i];

		printf("%s%-8s%s %-11s %s\n", cli_color(cli, colors[row->verdict]),
		       preflight_verdict_name(row->verdict), cli_color(cli, CLI_RESET), row->id,
		       row->text);
	}
}

/* All verdicts, whatever they are: the reader wants the whole list. */
static int tell_preflight(const struct cli *cli, const struct preflight_report *report, json_t *doc,
			  struct oak_error *err)
{
	(void)json_object_set_new(doc, "preflight", preflight_json(report));
	if (!cli->json)
		print_report(cli, report);
	return preflight_verdict(report, err);
}

/* Said on stdout: that a newer level waits is the answer, not an error. */
static int tell_newer(const struct cli *cli, const struct manifest *m, json_t *doc,
		      struct oak_error *err)
{
	_cleanup_(freep) char *fixes = oakum_fixes_text(m);

	(void)json_object_set_new(doc, "level", json_integer(m->level));
	(void)json_object_set_new(doc, "channel", json_string(m->channel));
	(void)json_object_set_new(doc, "fixes", oakum_json_fixes(m));
	(void)json_object_set_new(doc, "cves", oakum_json_cves(m));
	if (!cli->json)
		printf("'oakum update' would apply level %u: %s\n", m->level, fixes ? fixes : "");
	err->msg[0] = '\0';
	return -OAK_E_NOTHING;
}

static int tell_withdrawn(const struct cli *cli, const struct plan *p, json_t *doc,
			  struct oak_error *err)
{
	(void)json_object_set_new(doc, "withdrawn",
				  json_pack("{s:i, s:s}", "level", (int)p->withdrawn->level, "why",
					    p->withdrawn->withdrawn_why));
	if (!cli->json)
		printf("%s\n", p->why);
	if (!cli->json && p->action == PLAN_REVERT)
		printf("'oakum update' would revert level %u\n", p->withdrawn->level);
	err->msg[0] = '\0';
	return -OAK_E_NOTHING;
}

static int check(const struct cli *cli, const struct cli_args *args, json_t *doc,
		 const char **result, struct oak_error *err)
{
	_cleanup_(oakum_asker_clear) struct oakum_asker asker = { 0 };
	const struct plan_options opt = { .repository = cli_value(args, REPOSITORY, NULL),
					  .channel = cli_value(args, CHANNEL, NULL),
					  .now = &asker.now };
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(plan_clear) struct plan p = { 0 };
	struct preflight_report report;
	struct steps steps;
	int r = oakum_open(args, &o, err);

	steps_begin(&steps);
	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(&o.host));
	/* What is wrong with the host itself needs no network to be said. */
	preflight_run(&o.host, NULL, &report);
	r = preflight_verdict(&report, err);
	if (r < 0)
		return tell_preflight(cli, &report, doc, err);
	r = lock_wait(o.root, &o.lock, err);
	if (r == 0)
		r = oakum_asker_read(&o, &asker, err);
	if (r == 0)
		r = oakum_asker_obey_fleet(&o, &asker, err);
	if (r == 0)
		r = plan_make(&(struct plan_place){ o.root_path, o.root, &o.host }, &opt, &steps,
			      cli->progress, &p, err);
	if (r < 0)
		return r;
	*result = p.action == PLAN_NONE ? "none" : "current";
	if (p.action == PLAN_NOTHING || p.action == PLAN_NONE) {
		if (!cli->json)
			printf("%s\n", p.why);
		return tell_preflight(cli, &report, doc, err);
	}
	if (p.withdrawn)
		r = tell_withdrawn(cli, &p, doc, err);
	if (p.action == PLAN_REVERT) {
		*result = "withdrawn";
		return r;
	}
	assert(p.level);
	preflight_run_with(&o.host, p.level->manifest,
			   &(struct preflight_options){ p.settings.pressure }, &report);
	r = tell_preflight(cli, &report, doc, err);
	if (r < 0)
		return r;
	*result = "newer";
	return tell_newer(cli, p.level->manifest, doc, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *result = "failed";
	json_t *doc = json_object();
	int r = check(cli, args, doc, &result, err);

	return oakum_finish(cli, doc, result, r, err);
}

const struct verb verb_oakum_check = {
	.name = "check",
	.help = "what 'oakum update' would do; changes nothing",
	.more = "Exits 0 where the host has the newest level, or there is none for its kernel;\n"
		"3 where a newer level waits; otherwise as 'oakum update' would.",
	.options = options,
	.run = run,
};
