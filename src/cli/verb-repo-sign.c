/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

enum {
	OPT_KEYS
};

static const struct cli_option options[] = {
	[OPT_KEYS] = { .name = "keys",
		       .arg = "KEYDIR",
		       .help = "keys of targets, snapshot and timestamp",
		       .required = true },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	return cli_publish(cli, args->v[0], cli_value(args, OPT_KEYS, NULL), repo_sign, err);
}

const struct verb verb_repo_sign = {
	.name = "sign",
	.args = "DIR",
	.help = "sign and publish what is staged",
	.more = "Everything is signed before anything is written; timestamp.json comes last, so\n"
		"that a reader sees the old repository or the new one.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
