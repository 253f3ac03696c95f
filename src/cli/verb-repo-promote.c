/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	const char *channel = args->v[2];
	struct repo_level level = { .level = 0 };
	char line[256];
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_find_level(repo, args->v[1], &level, err);
	if (r == 0)
		r = repo_promote(repo, &level, channel, err);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged level %u of kernel %s for channel %.100s",
		       level.level, level.build_id, channel);
	return cli_print_staged(cli, opt.dir,
				json_pack("{s:s, s:i, s:s}", "kernel", level.build_id, "level",
					  (int)level.level, "channel", channel),
				line, err);
}

const struct verb verb_repo_promote = {
	.name = "promote",
	.args = "DIR LEVEL CHANNEL",
	.help = "stage a level for one more channel",
	.more = "LEVEL is BUILD-ID/NUMBER; of the build-id the first eight digits are enough. The\n"
		"level's file stays as it is: which channels have it stands in the signed list of\n"
		"its kernel's levels.",
	.min_args = 3,
	.max_args = 3,
	.run = run,
};
