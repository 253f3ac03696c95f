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
	const struct repo_options opt =
		cli_repo_options(cli, args->v[0], cli_value(args, OPT_KEYS, NULL));
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_published published = { 0 };
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_refresh(repo, &published, err);
	return r < 0 ? r : cli_print_published(cli, args->v[0], &published, err);
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
