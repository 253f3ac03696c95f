/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_WHY
};

static const struct cli_option options[] = {
	[OPT_WHY] = { .name = "why",
		      .arg = "TEXT",
		      .help = "the reason, one line; hosts show it",
		      .required = true },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	const char *why = cli_value(args, OPT_WHY, "");
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_level level = { .level = 0 };
	char line[256];
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_find_level(repo, args->v[1], &level, err);
	if (r == 0)
		r = repo_withdraw(repo, &level, why, err);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged the withdrawal of level %u of kernel %s",
		       level.level, level.build_id);
	return cli_print_staged(cli, opt.dir,
				json_pack("{s:s, s:i, s:s}", "kernel", level.build_id, "level",
					  (int)level.level, "why", why),
				line, err);
}

const struct verb verb_repo_withdraw = {
	.name = "withdraw",
	.args = "DIR LEVEL",
	.help = "stage the statement that makes hosts leave a level",
	.more = "Hosts that run the level go to the newest one that still stands in their channel, "
		"up\nor down; where there is none they revert to the kernel as it was booted. A "
		"level\nthat was withdrawn stays so: build the next one.",
	.min_args = 2,
	.max_args = 2,
	.options = options,
	.run = run,
};
