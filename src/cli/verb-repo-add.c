/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_KEYS
};

static const struct cli_option options[] = {
	[OPT_KEYS] = { .name = "keys",
		       .arg = "KEYDIR",
		       .help = "also sign what is staged with these keys" },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt =
		cli_repo_options(cli, args->v[0], cli_value(args, OPT_KEYS, NULL));
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_added added = { 0 };
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = repo_add(repo, args->v[1], args->v[2], &added, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s, s:I, s:I}", "path", added.path, "sha256",
						added.sha256, "bytes", (json_int_t)added.bytes,
						"targets", (json_int_t)added.targets_version),
				      err);
	printf("staged %s (%llu bytes) for targets %llu\n"
	       "hosts do not see it yet; publish it with: oakum-repo sign %s --keys KEYDIR\n",
	       added.path, (unsigned long long)added.bytes,
	       (unsigned long long)added.targets_version, args->v[0]);
	return 0;
}

const struct verb verb_repo_add = {
	.name = "add",
	.args = "DIR MODULE.ko MANIFEST.json",
	.help = "stage one level; hosts see nothing yet",
	.more = "The module must be the one that the manifest names by size and SHA-256. A level\n"
		"that is there already with other content is refused: build the next level.",
	.min_args = 3,
	.max_args = 3,
	.options = options,
	.run = run,
};
