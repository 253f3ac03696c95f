/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum update: fetch, verify, check and apply the newest level for the running kernel. */
#include <assert.h>
#include <time.h>

#include "agent/control.h"
#include "agent/cves.h"
#include "agent/plan.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-apply.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	REPOSITORY = OAKUM_ROOT + 1,
	CHANNEL,
	TIMEOUT,
	NO_WAIT,
	NO_FLEET,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "repository", .arg = "URL", .help = "instead of the one in oakum.conf" },
	{ .name = "channel", .arg = "C", .help = "only levels of this channel" },
	{ .name = "timeout",
	  .arg = "SECONDS",
	  .help = "of the transition, before it is taken back (60)" },
	{ .name = "no-wait", .help = "let the running agent do it, with its settings" },
	{ .name = "no-fleet", .help = "also what the fleet's server holds back" },
	{ .name = NULL },
};

static int apply(const struct cli *cli, const struct oakum *o, struct plan *p, unsigned timeout_ms,
		 struct steps *steps, json_t *doc, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf module = { 0 };
	struct deed deed = { .m = p->level->manifest,
			     .timeout_ms = timeout_ms,
			     .settings = &p->settings };
	int r = 0;

	progress_step(cli->progress, "getting level %u", deed.m->level);
	if (p->action == PLAN_APPLY)
		r = plan_get_module(&(struct plan_place){ o->root_path, o->root, &o->host }, p,
				    &module, err);
	steps_mark(steps, "download", 0);
	if (r < 0)
		return r;
	deed.module = module.data;
	deed.len = module.len;
	return oakum_carry_out(cli, o, &deed, steps, doc, err);
}

static void tell_withdrawn(const struct cli *cli, const struct plan *p, json_t *doc)
{
	(void)json_object_set_new(doc, "withdrawn",
				  json_pack("{s:i, s:s}", "level", (int)p->withdrawn->level, "why",
					    p->withdrawn->withdrawn_why));
	if (!cli->json)
		printf("%s\n", p->why);
}

/* Modules that an oakum which was killed left behind. */
static void sweep(const struct cli *cli, const struct oakum *o)
{
	const struct apply_options opt = oakum_apply_options(cli, 0);
	const struct livepatch *now = host_level(&o->host);

	level_sweep(&o->host, now ? now->level : 0, &opt);
}

/*
 * The CVE database comes along, after the level: what goes wrong with it is told, and fails nothing. A
 * repository that has none is in order.
 */
static void take_cves(const struct cli *cli, const struct oakum *o, struct plan *p, json_t *doc)
{
	const struct tuf_lookup how = { .fetcher = &p->fetcher, .now_s = (int64_t)time(NULL) };
	_cleanup_(cves_catch_clear) struct cves_catch c = { .db = { 0 } };
	struct oak_error err;
	int r;

	if (p->settings.cves == CVES_NO)
		return;
	r = cves_look(o->root, p->client, &how, &c, &err);
	if (r < 0 && c.none)
		return;
	if (r == 0 && c.db.len)
		r = cves_store(o->root, &c.db, &err);
	if (r < 0)
		(void)fprintf(stderr, "%s: the CVE database: %s\n", cli->program, err.msg);
	else if (c.db.len && !cli->json)
		printf("%s\n", c.text);
	(void)json_object_set_new(doc, "cve_database", json_string(r < 0 ? err.msg : c.text));
}

/* What a plan is carried out with. */
struct work {
	unsigned timeout_ms;
	struct steps *steps;
	json_t *doc;
	const char **result;
};

static int carry_out(const struct cli *cli, const struct oakum *o, struct plan *p,
		     const struct work *w, struct oak_error *err)
{
	if (p->action == PLAN_NOTHING || p->action == PLAN_NONE) {
		sweep(cli, o);
		return oak_fail(err, OAK_E_NOTHING, "%s", p->why);
	}
	if (p->withdrawn)
		tell_withdrawn(cli, p, w->doc);
	if (p->action == PLAN_REVERT) {
		*w->result = "reverted";
		return oakum_take_back(cli, o,
				       &(struct deed){ .timeout_ms = w->timeout_ms,
						       .settings = &p->settings },
				       w->steps, w->doc, err);
	}
	assert(p->level);
	return apply(cli, o, p, w->timeout_ms, w->steps, w->doc, err);
}

static int update(const struct cli *cli, const struct cli_args *args, struct steps *steps,
		  json_t *doc, const char **result, struct oak_error *err)
{
	_cleanup_(oakum_asker_clear) struct oakum_asker asker = { 0 };
	const struct plan_options opt = { .repository = cli_value(args, REPOSITORY, NULL),
					  .channel = cli_value(args, CHANNEL, NULL),
					  .now = &asker.now };
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(plan_clear) struct plan p = { 0 };
	unsigned timeout_ms;
	int r = oakum_timeout(cli_value(args, TIMEOUT, OAKUM_TIMEOUT_OTHERWISE), &timeout_ms, err);

	if (r == 0)
		r = oakum_open(args, &o, err);
	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(&o.host));
	r = oakum_begin_change(&o, OAKUM_APPLY, err);
	if (r == 0)
		r = oakum_asker_read(&o, &asker, err);
	if (r == 0 && !args->opt[NO_FLEET].n)
		r = oakum_asker_obey_fleet(&o, &asker, err);
	if (r == 0)
		r = plan_make(&(struct plan_place){ o.root_path, o.root, &o.host }, &opt, steps,
			      cli->progress, &p, err);
	if (r < 0)
		return r;
	r = carry_out(cli, &o, &p, &(struct work){ timeout_ms, steps, doc, result }, err);
	take_cves(cli, &o, &p, doc);
	return r;
}

/* As for somebody who waits: windows and delays do not hold what it finds. */
static int tell_agent(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	int r;

	if (args->opt[REPOSITORY].n || args->opt[CHANNEL].n || args->opt[TIMEOUT].n ||
	    args->opt[NO_FLEET].n)
		return oak_fail(
			err, OAK_E_USAGE,
			"--no-wait goes with no other option: the agent has its own settings");
	r = oakum_open(args, &o, err);
	if (r < 0)
		return r;
	if (!control_say(o.root_path, "check"))
		return oak_fail(err, OAK_E_NOTFOUND,
				"no agent runs: leave --no-wait out, or start one (systemctl start "
				"oakum-agent)");
	if (!cli->json)
		printf("the agent checks now; see 'oakum status'\n");
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *result = "applied";
	json_t *doc = json_object();
	struct steps steps;
	int r;

	steps_begin(&steps);
	if (args->opt[NO_WAIT].n) {
		result = "told";
		r = tell_agent(cli, args, err);
	} else {
		r = update(cli, args, &steps, doc, &result, err);
	}
	return oakum_finish(cli, doc, result, r, err);
}

const struct verb verb_oakum_update = {
	.name = "update",
	.help = "fetch, verify and apply the newest level for this kernel",
	.more = "Exits 3 where there is nothing to do, 75 where the transition did not end in time\n"
		"(it is then taken back) or another oakum is at work. What a fleet's server holds back\n"
		"is not taken: the agent asks for it (--no-wait), or --no-fleet takes it all the same.",
	.options = options,
	.run = run,
};
