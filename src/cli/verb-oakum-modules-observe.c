/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum modules observe: one look more at what is in use; run it from a timer. */
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/modules.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/lock.h"
#include "host/modules/observed.h"
#include "trust/date.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

static json_t *observed_json(const struct observed *o)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];

	date_format(o->first_s, first);
	date_format(o->last_s, last);
	return json_pack("{s:s, s:s, s:I, s:i, s:i}", "first", first, "last", last, "samples",
			 (json_int_t)o->samples, "days", (int)observed_days(o), "modules",
			 (int)o->n);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(modules_close) struct modules_view v = { .root = -1 };
	_cleanup_(observed_free) struct observed o = { 0 };
	_cleanup_(closep) int lock = -1;
	int r = modules_open(args, &v, err);

	if (r == 0)
		r = lock_take(v.root, &lock, err);
	if (r == 0)
		r = observed_read(v.root, &o, err);
	if (r == 0)
		r = observed_add(&o, &v.usage, time(NULL), err);
	if (r == 0)
		r = observed_write(v.root, &o, err);
	if (r == 0 && !cli->json)
		printf("%u look%s in %u days, %zu modules seen\n", o.samples,
		       o.samples == 1 ? "" : "s", observed_days(&o), o.n);
	return oakum_finish(cli, r == 0 && cli->json ? observed_json(&o) : NULL, "observed", r, err);
}

const struct verb verb_oakum_modules_observe = {
	.name = "modules observe",
	.help = "remember which modules are in use now, for 'modules plan'",
	.more = "Kept in /" OBSERVED_PATH "; oakum-observe.timer does it every hour.",
	.options = options,
	.run = run,
};
