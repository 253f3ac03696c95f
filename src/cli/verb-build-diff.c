/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build.h"
#include "cli/verbs-build.h"

#include "base/cleanup.h"
#include "build/types.h"

static void print_text(const struct cli *cli, const struct make_object *o)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "", [VERDICT_SAME] = "", [VERDICT_CHANGED] = "changed", [VERDICT_NEW] = "new"
	};

	for (atom_id i = 1; i < o->patched->n_atoms; i++)
		if (words[o->diff.verdicts.of[i]][0])
			printf("%-8s %s\n", words[o->diff.verdicts.of[i]], atom_name(o->patched, i));
	build_print_findings(cli, &o->diff.findings);
}

static int print_json(const struct make_object *o, bool changed, struct oak_error *err)
{
	const char *verdict = o->diff.findings.n ? "refused" : changed ? "changed" : "unchanged";

	return cli_print_json(json_pack("{s:s, s:o, s:o, s:o}", "verdict", verdict, "changed",
					build_atoms_json(o, VERDICT_CHANGED), "new",
					build_atoms_json(o, VERDICT_NEW), "refusals",
					build_findings_json(&o->diff.findings)),
			      err);
}

/* Debugging information in both shows what a change does to memory that is there already. */
static int compare_types(const char *orig, const char *patched, struct make_object *o,
			 struct oak_error *err)
{
	_cleanup_(types_free) struct types was = { 0 }, is = { 0 };
	int r;

	if (!types_are_in(o->orig_obj) || !types_are_in(o->patched_obj) ||
	    !(o->diff.verdicts.n_changed || o->diff.verdicts.n_new))
		return 0;
	r = types_read(orig, &was, err);
	if (r == 0)
		r = types_read(patched, &is, err);
	return r < 0 ? r : types_compare(&was, &is, &o->diff.findings, err);
}

static int compare(const char *orig, const char *patched, struct make_object *o,
		   struct oak_error *err)
{
	int r = object_open(orig, &o->orig_obj, err);

	if (r == 0)
		r = object_open(patched, &o->patched_obj, err);
	if (r == 0 && (r = model_build(o->orig_obj, &o->orig, err)) < 0)
		return oak_context(err, "%s", orig);
	if (r == 0 && (r = model_build(o->patched_obj, &o->patched, err)) < 0)
		return oak_context(err, "%s", patched);
	if (r == 0)
		r = diff_run(o->orig, o->patched, &o->diff, err);
	return r < 0 ? r : compare_types(orig, patched, o, err);
}

static void free_object(struct make_object *o)
{
	diff_free(&o->diff);
	model_free(o->orig);
	model_free(o->patched);
	object_free(o->orig_obj);
	object_free(o->patched_obj);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(free_object) struct make_object o = { 0 };
	int r = compare(args->v[0], args->v[1], &o, err);
	bool changed;

	if (r < 0)
		return r;
	changed = o.diff.verdicts.n_changed || o.diff.verdicts.n_new;
	if (cli->json)
		r = print_json(&o, changed, err);
	else
		print_text(cli, &o);
	if (r == 0 && o.diff.findings.n)
		return oak_fail(err, OAK_E_REFUSED, "this change cannot be live patched");
	return r == 0 && !changed ? -OAK_E_NOTHING : r;
}

const struct verb verb_build_diff = {
	.name = "diff",
	.args = "ORIG.o PATCHED.o",
	.help = "what changed between two objects of one source file",
	.more = "Both compiled with -ffunction-sections -fdata-sections; where both were compiled with\n"
		"-g, the layout of types is compared too. Exit status 0: changed, 3: the generated\n"
		"code is the same, 4: cannot be live patched.",
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
