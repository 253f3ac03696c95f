/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_WHY,
	OPT_RELEASE
};

static const struct cli_option options[] = {
	[OPT_WHY] = { .name = "why", .arg = "TEXT", .help = "the reason, one line" },
	[OPT_RELEASE] = { .name = "release", .help = "the hold ends" },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	const char *why = cli_value(args, OPT_WHY, NULL);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_level level = { .level = 0 };
	char line[256];
	int r;

	if (!why == !args->opt[OPT_RELEASE].n)
		return oak_fail(err, OAK_E_USAGE, "give either --why TEXT or --release");
	r = repo_open(&opt, &repo, err);
	if (r == 0)
		r = repo_find_level(repo, args->v[1], &level, err);
	if (r == 0)
		r = repo_hold(repo, &level, why, err);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged that level %u of kernel %s is %s", level.level,
		       level.build_id, why ? "held" : "no longer held");
	return cli_print_staged(cli, opt.dir,
				json_pack("{s:s, s:i, s:b}", "kernel", level.build_id, "level",
					  (int)level.level, "held", why != NULL),
				line, err);
}

const struct verb verb_repo_hold = {
	.name = "hold",
	.args = "DIR LEVEL",
	.help = "stage that no host takes a level for now",
	.more = "Hosts that have it keep it; others take the one before it, as long as the hold\n"
		"lasts. To make hosts leave a level see 'oakum-repo withdraw'.",
	.min_args = 2,
	.max_args = 2,
	.options = options,
	.run = run,
};
