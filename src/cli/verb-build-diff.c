/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-diff.h"
#include "cli/build.h"
#include "cli/verbs-build.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "build/types.h"
#include "elf/model-open.h"
#include "kernel/entry-sizes.h"
#include "kernel/store.h"

enum {
	OPT_KERNEL,
	OPT_OUT,
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "take the sizes of special entries from this kernel" },
	[OPT_OUT] = { .name = "out",
		      .arg = "FILE",
		      .help = "write all that was found there, as JSON",
		      .letter = 'o' },
	{ .name = NULL },
};

static void print_text(const struct cli *cli, const struct make_object *o)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "",   [VERDICT_SAME] = "",         [VERDICT_CHANGED] = "changed",
		[VERDICT_NEW] = "new", [VERDICT_CALLER] = "caller",
	};

	for (atom_id i = 1; i < o->patched->n_atoms; i++)
		if (words[o->diff.verdicts.of[i]][0])
			printf("%-8s %s\n", words[o->diff.verdicts.of[i]], atom_name(o->patched, i));
	build_print_warnings(cli, &o->diff.warnings);
	build_print_findings(cli, &o->diff.findings);
}

static json_t *document(const struct make_object *o, bool changed)
{
	const char *verdict = o->diff.findings.n ? "refused" : changed ? "changed" : "unchanged";

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "verdict", verdict, "changed",
			 build_atoms_json(o, VERDICT_CHANGED), "new",
			 build_atoms_json(o, VERDICT_NEW), "callers",
			 build_atoms_json(o, VERDICT_CALLER), "refusals",
			 build_findings_json(&o->diff.findings), "warnings",
			 build_findings_json(&o->diff.warnings));
}

static int write_model(const struct make_object *o, bool changed, const char *path,
		       struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = build_diff_model(o, document(o, changed));
	_cleanup_(freep) char *text = NULL;

	if (j && json_object_set_new(j, "schema", json_integer(1)) == 0)
		text = json_text(j);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, text, strlen(text), 0644, err);
}

static int read_sizes(const char *which, struct special_sizes *ret, struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	_cleanup_(mapping_close) struct mapping vmlinux = { 0 };
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	int r = kernel_open(which, &k, err);

	if (r == 0)
		r = mapping_open(AT_FDCWD, k->vmlinux, &vmlinux, err);
	if (r == 0)
		r = kimage_parse(vmlinux.data, vmlinux.len, &img, err);
	return r < 0 ? r : entry_sizes(img, ret, err);
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

static int compare(const char *orig, const char *patched, const struct special_sizes *sizes,
		   struct make_object *o, struct oak_error *err)
{
	struct opened sides[2] = { 0 };
	int r = model_open_pair((const char *[]){ orig, patched }, sizes, sides, err);

	o->orig_obj = sides[0].obj;
	o->orig = sides[0].model;
	o->patched_obj = sides[1].obj;
	o->patched = sides[1].model;
	if (r == 0)
		r = diff_run(o->orig, o->patched, &o->diff, err);
	return r != 0 ? r : compare_types(orig, patched, o, err);
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
	const char *kernel = cli_value(args, OPT_KERNEL, NULL),
		   *out = cli_value(args, OPT_OUT, NULL);
	struct special_sizes sizes = { .n = 0 };
	int r = kernel ? read_sizes(kernel, &sizes, err) : 0;
	bool changed;

	if (r == 0)
		r = compare(args->v[0], args->v[1], &sizes, &o, err);
	if (r != 0 || !o.patched)
		return r;
	changed = o.diff.verdicts.n_changed || o.diff.verdicts.n_new;
	if (out && (r = write_model(&o, changed, out, err)) < 0)
		return r;
	if (cli->json)
		r = cli_print_json(document(&o, changed), err);
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
	.options = options,
	.run = run,
};
