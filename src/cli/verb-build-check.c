/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build.h"
#include "cli/verbs-build.h"

#include "base/cleanup.h"
#include "build/selfcheck-file.h"

enum {
	OPT_KERNEL
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "reference, name or build-id of a kernel that was added",
			 .required = true },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct selfcheck_report rep = { 0 };
	bool is_signed = false;
	int r = kernel_open(cli_value(args, OPT_KERNEL, ""), &k, err);

	if (r < 0)
		return r;
	r = selfcheck_file(k, args->v[0], &rep, &is_signed, err);
	if (r < 0)
		return oak_context(err, "%s", args->v[0]);
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:b, s:i, s:i, s:i, s:i}", "kernel",
						k->build_id, "signed", is_signed, "objects",
						(int)rep.objects, "functions", (int)rep.functions,
						"relocations", (int)rep.relocations, "late",
						(int)rep.late),
				      err);
	printf("%s would load it: %u functions of %u objects, %u relocations, %u of them when a "
	       "module comes; %s\n",
	       k->release, rep.functions, rep.objects, rep.relocations, rep.late,
	       is_signed ? "signed, by whom was not checked" : "not signed");
	return 0;
}

const struct verb verb_build_check = {
	.name = "check",
	.args = "MODULE.ko",
	.help = "simulate how a kernel loads a level's module",
	.more = "Reads headers, CRCs, klp structures, symbols and relocations as loader and livepatch\n"
		"do. Whether the code is right only 'make' can tell, which has the compiled objects.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
