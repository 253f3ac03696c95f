/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0], NULL);
	struct repo_audit a = { 0 };
	int r = repo_verify(&opt, &a, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "repository",
						args->v[0], "root", (json_int_t)a.root_version,
						"timestamp", (json_int_t)a.timestamp_version,
						"snapshot", (json_int_t)a.snapshot_version,
						"targets", (json_int_t)a.targets_version, "files",
						(json_int_t)a.targets, "bytes", (json_int_t)a.bytes),
				      err);
	printf("%s is sound: root %llu, timestamp %llu, snapshot %llu, targets %llu; "
	       "%zu file%s, %llu bytes\n",
	       args->v[0], (unsigned long long)a.root_version,
	       (unsigned long long)a.timestamp_version, (unsigned long long)a.snapshot_version,
	       (unsigned long long)a.targets_version, a.targets, a.targets == 1 ? "" : "s",
	       (unsigned long long)a.bytes);
	return 0;
}

const struct verb verb_repo_verify = {
	.name = "verify",
	.args = "DIR",
	.help = "audit a repository as a host that starts from 1.root.json sees it",
	.more = "Checks every root, every role file, the bytes of every target, and that each\n"
		"module is the one its manifest names.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
