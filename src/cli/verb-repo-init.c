/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_KEYS
};

static const struct cli_option options[] = {
	[OPT_KEYS] = { .name = "keys",
		       .arg = "KEYDIR",
		       .help = "where the four private keys go, not below DIR",
		       .required = true },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *dir = args->v[0], *keys = cli_value(args, OPT_KEYS, NULL);
	const struct repo_options opt = cli_repo_options(cli, dir, keys);
	int r = repo_create(&opt, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s, s:s}", "repository", dir, "keys", keys,
						"root", "1.root.json"),
				      err);
	printf("created %s, signed with new keys in %s\n"
	       "give hosts %s/1.root.json by a way you trust; keep the key directory off the web "
	       "server\n",
	       dir, keys, dir);
	return 0;
}

const struct verb verb_repo_init = {
	.name = "init",
	.args = "DIR",
	.help = "create an empty repository and its keys",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
