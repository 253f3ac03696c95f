/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

#define DAYS_MAX 90u /* as long as the offline files */
#define DAY_S    86400

enum {
	OPT_DAYS = REPO_OPT_PASSPHRASE + 1
};

static const struct cli_option options[] = {
	[REPO_OPT_KEYS] = REPO_OPTION_KEYS("keys of timestamp and snapshot", true),
	[REPO_OPT_PASSPHRASE] = CLI_PASSPHRASE_OPTION,
	[OPT_DAYS] = { .name = "days",
		       .arg = "N",
		       .help = "let it be good for N days instead of one" },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *days = cli_value(args, OPT_DAYS, NULL);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	_cleanup_(repo_cli_close) struct repo_cli rc;
	struct repo_outcome out = { 0 };
	unsigned n = 0;
	int r = days ? cli_parse_number("--days", days, DAYS_MAX, &n, err) : 0;

	repo_cli_open(cli, args, args->v[0], &rc);
	if (r == 0)
		r = repo_open(&rc.opt, &repo, err);
	if (r == 0)
		r = repo_refresh(repo, (int64_t)n * DAY_S, &out, err);
	return r < 0 ? r : cli_print_outcome(cli, rc.opt.dir, &out, err);
}

const struct verb verb_repo_refresh = {
	.name = "refresh",
	.args = "DIR",
	.help = "renew the timestamp, and the snapshot when half of its life is over",
	.more = "Run it by a timer, at least every 12 hours: hosts refuse a timestamp older than a\n"
		"day, since a frozen repository would hide new levels. --days is for a copy that is\n"
		"carried to a site without a network; for so long a thief of the line can hide new\n"
		"levels from its hosts.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
