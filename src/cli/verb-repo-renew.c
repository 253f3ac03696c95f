/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	char line[128];
	size_t n = 0;
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_renew(repo, &n, err);
	if (r == 0 && !n)
		r = oak_fail(err, OAK_E_NOTHING, "%s: no file is past half of its life", opt.dir);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged %zu file%s for a new life", n, n == 1 ? "" : "s");
	return cli_print_staged(cli, opt.dir, json_pack("{s:I}", "staged", (json_int_t)n), line,
				err);
}

const struct verb verb_repo_renew = {
	.name = "renew",
	.args = "DIR",
	.help = "stage targets and its bins again when half of their life is over",
	.more = "They live 90 days; the keys of targets must sign them again before. A root lives a\n"
		"year; stage the next one with: oakum-repo rotate DIR --role root",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
