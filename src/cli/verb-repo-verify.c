/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"
#include "trust/author/audit.h"

static json_t *audit_json(const char *dir, const struct repo_audit *a)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}",
			 "repository", dir, "root", (json_int_t)a->root_version, "timestamp",
			 (json_int_t)a->timestamp_version, "snapshot",
			 (json_int_t)a->snapshot_version, "targets", (json_int_t)a->targets_version,
			 "roles", (json_int_t)a->roles, "kernels", (json_int_t)a->kernels, "levels",
			 (json_int_t)a->levels, "files", (json_int_t)a->targets, "bytes",
			 (json_int_t)a->bytes, "first_expiry", a->first_expiry, "first_expired",
			 a->first_expired);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	struct repo_audit a = { 0 };
	int r = repo_verify(&opt, &a, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(audit_json(opt.dir, &a), err);
	printf("%s is sound: root %llu, timestamp %llu, snapshot %llu, targets %llu\n"
	       "%zu level%s of %zu kernel%s; %zu file%s, %llu bytes\n"
	       "%s expires first, %s\n",
	       opt.dir, (unsigned long long)a.root_version, (unsigned long long)a.timestamp_version,
	       (unsigned long long)a.snapshot_version, (unsigned long long)a.targets_version,
	       a.levels, a.levels == 1 ? "" : "s", a.kernels, a.kernels == 1 ? "" : "s", a.targets,
	       a.targets == 1 ? "" : "s", (unsigned long long)a.bytes, a.first_expired,
	       a.first_expiry);
	return 0;
}

const struct verb verb_repo_verify = {
	.name = "verify",
	.args = "DIR",
	.help = "audit a repository as a host that starts from 1.root.json sees it",
	.more = "Checks every root, every role file, the bytes of every target, that each module is\n"
		"the one its manifest names, and that the lists of levels say so.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
