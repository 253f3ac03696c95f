/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum revert: take the applied level back out of the running kernel. */
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-apply.h"
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

/* Settings that cannot be read are no reason to keep a level. */
static const struct settings *read_settings(const struct cli *cli, const struct oakum *o,
					    struct settings *s)
{
	struct oak_error err;

	if (settings_read(o->root, s, &err) == 0)
		return s;
	progress_step(cli->progress, "warning: no hooks: %s", err.msg);
	return NULL;
}

static int revert(const struct cli *cli, const struct cli_args *args, struct steps *steps,
		  json_t *doc, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(settings_free) struct settings settings = { 0 };
	struct deed deed = { 0 };
	int r = oakum_timeout(cli_value(args, TIMEOUT, OAKUM_TIMEOUT_OTHERWISE), &deed.timeout_ms,
			      err);

	if (r == 0)
		r = oakum_open(args, &o, err);
	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(&o.host));
	r = oakum_begin_change(&o, OAKUM_REVERT, err);
	if (r < 0)
		return r;
	deed.settings = read_settings(cli, &o, &settings);
	return oakum_take_back(cli, &o, &deed, steps, doc, err);
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
