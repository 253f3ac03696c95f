/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-repo export and import: a repository as one file, for a site without a network. */
#include "cli/repo.h"
#include "trust/author/bundle.h"

enum {
	EXPORT_OUTPUT,
	EXPORT_KERNEL
};

static const struct cli_option export_options[] = {
	[EXPORT_OUTPUT] = { .name = "output",
			    .arg = "FILE",
			    .help = "the bundle",
			    .letter = 'o',
			    .required = true },
	[EXPORT_KERNEL] = { .name = "kernel",
			    .arg = "BUILD-ID",
			    .help = "only the levels of this kernel",
			    .multi = true },
	{ .name = NULL },
};

enum {
	IMPORT_ROOT
};

static const struct cli_option import_options[] = {
	[IMPORT_ROOT] = { .name = "root",
			  .arg = "ROOT.json",
			  .help = "the root that you trust, where DIR is empty" },
	{ .name = NULL },
};

static int tell(const struct cli *cli, const char *did, const char *what,
		const struct bundle_sum *sum, struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:s}", "path", what, "files",
						(json_int_t)sum->files, "bytes",
						(json_int_t)sum->bytes, "timestamp",
						(json_int_t)sum->timestamp_version, "expires",
						sum->expires),
				      err);
	printf("%s %s: %zu files, %llu bytes, timestamp %llu\nhosts accept it until %s\n", did,
	       what, sum->files, (unsigned long long)sum->bytes,
	       (unsigned long long)sum->timestamp_version, sum->expires);
	return 0;
}

static int run_export(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	const struct cli_values *kernels = &args->opt[EXPORT_KERNEL];
	const char *file = cli_value(args, EXPORT_OUTPUT, NULL);
	struct bundle_sum sum = { 0 };
	int r = bundle_export(&opt, file, kernels->v, kernels->n, &sum, err);

	return r < 0 ? r : tell(cli, "wrote", file, &sum, err);
}

static int run_import(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[1]);
	struct bundle_sum sum = { 0 };
	int r = bundle_import(&opt, args->v[0], cli_value(args, IMPORT_ROOT, NULL), &sum, err);

	return r < 0 ? r : tell(cli, "imported into", opt.dir, &sum, err);
}

const struct verb verb_repo_export = {
	.name = "export",
	.args = "DIR",
	.help = "write a repository, or some kernels of it, as one file",
	.more = "The file is a tar archive, compressed with zstd, of what a web server would serve; "
		"all\nof it is verified first. It can be imported until its timestamp expires: give "
		"that\nthe days that the way takes with 'oakum-repo refresh --days N'.",
	.min_args = 1,
	.max_args = 1,
	.options = export_options,
	.run = run_export,
};

const struct verb verb_repo_import = {
	.name = "import",
	.args = "FILE DIR",
	.help = "verify such a file and put it into a directory that hosts can read",
	.more = "Held to the rules of every refresh, from what DIR has on: the chain of roots, no\n"
		"older version of anything, nothing expired, every length and hash. DIR needs no\n"
		"keys; serve it, or name it as the hosts' repository.",
	.min_args = 2,
	.max_args = 2,
	.options = import_options,
	.run = run_import,
};
