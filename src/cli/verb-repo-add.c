/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_added added = { 0 };
	char line[640];
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_add(repo, args->v[1], args->v[2], &added, err);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged %s (%llu bytes) in %s", added.path,
		       (unsigned long long)added.bytes, added.role);
	return cli_print_staged(cli, opt.dir,
				json_pack("{s:s, s:s, s:I, s:s}", "path", added.path, "sha256",
					  added.sha256, "bytes", (json_int_t)added.bytes, "role",
					  added.role),
				line, err);
}

const struct verb verb_repo_add = {
	.name = "add",
	.args = "DIR MODULE.ko MANIFEST.json",
	.help = "stage one level; hosts see nothing yet",
	.more = "The module must be the one that the manifest names by size and SHA-256. A level\n"
		"that is there already with other content is refused: build the next level.",
	.min_args = 3,
	.max_args = 3,
	.run = run,
};
