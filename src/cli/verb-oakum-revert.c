/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum revert: take the applied level back out of the running kernel. */
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-steps.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	TIMEOUT = OAKUM_ROOT + 1,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "timeout",
	  .arg = "SECONDS",
	  .help = "of the transition, before the level is kept after all (60)" },
	{ .name = NULL },
};

static int revert(const struct cli *cli, const struct cli_args *args, struct steps *steps,
		  json_t *doc, struct oak_error *err)
{
	struct apply_options opt;
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	const struct livepatch *p;
	unsigned timeout_ms;
	uint32_t level;
	int r = oakum_timeout(cli_value(args, TIMEOUT, OAKUM_TIMEOUT_OTHERWISE), &timeout_ms, err);

	if (r == 0)
		r = oakum_open(args, &o, err);
	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(&o.host));
	r = oakum_begin_change(&o, OAKUM_REVERT, err);
	if (r < 0)
		return r;
	p = host_level(&o.host);
	level = p ? p->level : 0;
	(void)json_object_set_new(doc, "level", level ? json_integer(level) : json_null());
	opt = oakum_apply_options(cli, timeout_ms);
	r = level_revert(&o.host, &opt, &result, err);
	steps_add_kernel(steps, &result);
	steps_json(steps, doc);
	oakum_tell_stall(cli, doc, &result.stall);
	if (r < 0 || cli->json)
		return r;
	printf("%slevel %u is reverted%s\n", cli_color(cli, CLI_YELLOW), level,
	       cli_color(cli, CLI_RESET));
	steps_print(cli, steps);
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	json_t *doc = json_object();
	struct steps steps;
	int r;

	steps_begin(&steps);
	r = revert(cli, args, &steps, doc, err);
	return oakum_finish(cli, doc, "reverted", r, err);
}

const struct verb verb_oakum_revert = {
	.name = "revert",
	.help = "take the applied level back",
	.options = options,
	.run = run,
};
