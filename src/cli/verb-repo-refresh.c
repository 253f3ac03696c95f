/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_KEYS
};

static const struct cli_option options[] = {
	[OPT_KEYS] = { .name = "keys",
		       .arg = "KEYDIR",
		       .help = "keys of timestamp and snapshot",
		       .required = true },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	return cli_publish(cli, args->v[0], cli_value(args, OPT_KEYS, NULL), repo_refresh, err);
}

const struct verb verb_repo_refresh = {
	.name = "refresh",
	.args = "DIR",
	.help = "renew the timestamp, and the snapshot when half of its life is over",
	.more = "Run it by a timer, at least every 12 hours: hosts refuse a timestamp older than a\n"
		"day, since a frozen repository would hide new levels.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
