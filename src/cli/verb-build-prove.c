/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build.h"
#include "cli/verbs-build.h"

#include "base/cleanup.h"

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

static int print_json(const struct make_result *res, struct oak_error *err)
{
	json_t *objects = json_array();

	for (size_t i = 0; i < res->n_objects; i++)
		(void)json_array_append_new(objects, build_proof_json(&res->objects[i]));
	return cli_print_json(json_pack("{s:o, s:o, s:{s:f}}", "objects", objects, "refusals",
					build_findings_json(&res->findings), "seconds", "total",
					res->seconds.total),
			      err);
}

/* What a weak function lost to another definition was never this object's to prove. */
static bool is_proven(const struct make_result *res)
{
	for (size_t i = 0; i < res->n_objects; i++)
		if (res->objects[i].proof->n_identical == 0)
			return false;
	return res->findings.n == 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(make_result_free) struct make_result res = { 0 };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	int r = kernel_open(cli_value(args, OPT_KERNEL, ""), &k, err);

	if (r == 0)
		r = make_prove(k, args->v, args->n, cli->progress, &res, err);
	if (r < 0)
		return r;
	if (cli->json) {
		r = print_json(&res, err);
	} else {
		for (size_t i = 0; i < res.n_objects; i++)
			build_print_proof(cli, &res.objects[i]);
		build_print_findings(cli, &res.findings);
	}
	if (r == 0 && !is_proven(&res))
		return oak_fail(err, OAK_E_REFUSED, "not all objects could be proven");
	return r;
}

const struct verb verb_build_prove = {
	.name = "prove",
	.args = "FILE.c...",
	.help = "compare rebuilt objects with the shipped kernel, function by function",
	.more = "FILE.c is a path below the kernel's source tree: kernel/entry/common.c",
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run,
};
