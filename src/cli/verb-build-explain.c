/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-cves.h"
#include "cli/build.h"
#include "cli/verbs-build.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "build/explain-tree.h"
#include "build/modfile.h"
#include "build/report.h"

enum {
	OPT_KERNEL,
	OPT_CVE,
	OPT_SYMBOL,
	OPT_ACCEPT,
	OPT_REPORT
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "explain fixes for this kernel instead of a level" },
	[OPT_CVE] = { .name = "cve",
		      .arg = "ID",
		      .help = "with --kernel: what a fix closes, in the order of the fixes",
		      .multi = true },
	[OPT_SYMBOL] = { .name = "symbol",
			 .arg = "NAME",
			 .help = "only why this symbol is in the module",
			 .multi = true },
	[OPT_ACCEPT] = { .name = "accept",
			 .arg = "RULE:SYMBOL=REASON",
			 .help = "with --kernel: as of 'make'",
			 .multi = true },
	[OPT_REPORT] = { .name = "report",
			 .help = "the page for review, with the tests noted since" },
	{ .name = NULL },
};

static void print_rows(const struct cli *cli, const struct explain_rows *rows)
{
	static const enum cli_color tones[] = {
		[EXPLAIN_TITLE] = CLI_BOLD,
		[EXPLAIN_ENTERED] = CLI_GREEN,
		[EXPLAIN_BROUGHT] = CLI_YELLOW,
		[EXPLAIN_LINKED] = CLI_RESET,
	};

	for (size_t i = 0; i < rows->n; i++) {
		const struct explain_row *row = &rows->v[i];

		printf("%s%s%s%s%s%s\n", cli_color(cli, CLI_DIM), row->prefix,
		       cli_color(cli, CLI_RESET), cli_color(cli, tones[row->tone]), row->text,
		       cli_color(cli, CLI_RESET));
	}
}

/* All, or the symbols named. */
static int print_text(const struct cli *cli, const struct explain *e, const char *const *symbols,
		      size_t n, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < (n ? n : 1); i++) {
		_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };

		r = n ? explain_chain(e, symbols[i], &rows, err) : explain_tree(e, &rows, err);
		if (r == 0)
			print_rows(cli, &rows);
	}
	return r;
}

/* The document; of symbols that were asked for, the rows as text. */
static int print_json(const struct explain *e, const char *const *symbols, size_t n,
		      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	if (!n)
		return cli_print_json(json_incref(e->doc), err);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
		int r = explain_chain(e, symbols[i], &rows, err);
		json_t *steps = json_array();

		for (size_t k = 0; k < rows.n; k++)
			(void)json_array_append_new(steps, json_pack("{s:i, s:s}", "depth",
								     (int)rows.v[k].depth, "text",
								     rows.v[k].text));
		(void)json_array_append_new(list, json_pack("{s:s, s:o}", "symbol", symbols[i],
							    "steps", steps));
		if (r < 0)
			return r;
	}
	return cli_print_json(json_pack("{s:s, s:O}", "module", e->module, "symbols", list), err);
}

static int print_any(const struct cli *cli, const struct explain *e,
		     const struct cli_values *symbols, struct oak_error *err)
{
	return cli->json ? print_json(e, symbols->v, symbols->n, err)
			 : print_text(cli, e, symbols->v, symbols->n, err);
}

/* A file of the level's folder; the error says what such a folder is. */
static int read_part(const char *level, const char *name, size_t max, struct buf *ret,
		     struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(level, name);
	int r;

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, path, max, ret, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_context(err,
				   "not a level that 'oakum-build make' wrote (to explain fixes "
				   "themselves give --kernel)");
	return r;
}

/* A word of a file from outside must not lead out of the folder. */
static int read_module(const char *level, const struct explain *e, struct buf *ret,
		       struct oak_error *err)
{
	char name[128];

	if (!e->module[0] || strchr(e->module, '/') || strlen(e->module) > 100)
		return oak_fail(err, OAK_E_FORMAT, "%s/" EXPLAIN_FILE ": names no module", level);
	(void)snprintf(name, sizeof(name), "%s.ko", e->module);
	return read_part(level, name, MODFILE_MAX_BYTES, ret, err);
}

static int open_level(const char *level, struct explain **ret, struct buf *module,
		      struct oak_error *err)
{
	_cleanup_(explain_freep) struct explain *e = NULL;
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = read_part(level, EXPLAIN_FILE, EXPLAIN_MAX_BYTES, &text, err);

	if (r == 0)
		r = json_parse(text.data, text.len, EXPLAIN_MAX_BYTES, EXPLAIN_FILE, &doc, err);
	if (r == 0)
		r = explain_read(doc, &e, err);
	if (r == 0)
		r = read_module(level, e, module, err);
	if (r == 0)
		*ret = take_ptr(e);
	return r;
}

/* As the manifest is by now. */
static int print_report(const char *level, const struct explain *e, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 }, page = { 0 };
	_cleanup_(json_decrefp) json_t *manifest = NULL;
	int r = read_part(level, "manifest.json", EXPLAIN_MAX_BYTES, &text, err);

	if (r == 0)
		r = json_parse(text.data, text.len, EXPLAIN_MAX_BYTES, "manifest.json", &manifest,
			       err);
	if (r == 0)
		r = report_write(manifest, e, &page, err);
	if (r == 0)
		printf("%s", buf_str(&page));
	return r;
}

static int tell_gaps(const struct buf *gaps, struct oak_error *err)
{
	return gaps->len ? oak_fail(err, OAK_E_FAILED,
				    "the explanation is not complete; please report this:\n%s",
				    buf_str(gaps))
			 : 0;
}

static int explain_level(const struct cli *cli, const struct cli_args *args,
			 const struct cli_values *symbols, struct oak_error *err)
{
	_cleanup_(explain_freep) struct explain *e = NULL;
	_cleanup_(buf_free) struct buf module = { 0 }, gaps = { 0 };
	const char *level = args->v[0];
	int r = open_level(level, &e, &module, err);

	if (r == 0)
		r = explain_check(e, &module, &gaps, err);
	if (r == 0 && args->opt[OPT_REPORT].n)
		r = print_report(level, e, err);
	else if (r == 0)
		r = print_any(cli, e, symbols, err);
	return r < 0 ? r : tell_gaps(&gaps, err);
}

static int print_refused(const struct cli *cli, const struct findings *f, struct oak_error *err)
{
	int r = 0;

	if (cli->json)
		r = cli_print_json(json_pack("{s:o}", "refusals", build_findings_json(f)), err);
	else
		build_print_findings(cli, f);
	return r < 0 ? r
		     : oak_fail(err, OAK_E_REFUSED, "there is no module to explain: %zu reason%s",
				f->n, f->n == 1 ? "" : "s");
}

static int explain_fixes(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(make_result_free) struct make_result res = { 0 };
	_cleanup_(build_cves_free) struct build_cves cves = { 0 };
	const struct build_cves_options asked = { .fixes = args->v,
						  .n_fixes = args->n,
						  .cves = &args->opt[OPT_CVE] };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	_cleanup_(buf_free) struct buf gaps = { 0 };
	struct make_options opt = { .fixes = args->v,
				    .n_fixes = args->n,
				    .accepts = args->opt[OPT_ACCEPT].v,
				    .n_accepts = args->opt[OPT_ACCEPT].n,
				    .channel = "edge",
				    .level = 1,
				    .progress = cli->progress };
	int r = kernel_open(cli_value(args, OPT_KERNEL, ""), &k, err);

	if (r == 0)
		r = build_cves_find(&asked, &cves, err);
	opt.cves = cves.v;
	opt.read = cves.fixes;
	if (r == 0)
		r = make_level(k, &opt, &res, err);
	if (r < 0)
		return r;
	if (res.findings.n && !res.stale_accept)
		return print_refused(cli, &res.findings, err);
	r = build_check_accepts(&res, err);
	if (r < 0)
		return r;
	if (!res.explain)
		return oak_fail(err, OAK_E_NOTHING,
				"there is no module to explain: the generated code is the same");
	r = explain_gaps(res.explain, &gaps, err);
	if (r == 0)
		r = print_any(cli, res.explain, &args->opt[OPT_SYMBOL], err);
	return r < 0 ? r : tell_gaps(&gaps, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	struct cli_values symbols = args->opt[OPT_SYMBOL];

	if (args->opt[OPT_REPORT].n &&
	    (cli->json || symbols.n || args->n > 1 || args->opt[OPT_KERNEL].n))
		return oak_fail(err, OAK_E_USAGE, "--report is of one whole level, as Markdown");
	if (args->opt[OPT_KERNEL].n)
		return explain_fixes(cli, args, err);
	if (args->n > 1 && symbols.n)
		return oak_fail(err, OAK_E_USAGE, "a symbol is given twice");
	if (args->n > 1)
		symbols = (struct cli_values){ args->n - 1, args->v + 1 };
	return explain_level(cli, args, &symbols, err);
}

const struct verb verb_build_explain = {
	.name = "explain",
	.args = "LEVEL [SYMBOL...] | --kernel K FIX.patch...",
	.help = "say why each symbol is in a module",
	.more = "LEVEL is a folder that 'make' wrote. With --kernel the fixes are built as 'make' does,\n"
		"and nothing is written. Of a symbol, as the module or the source spells it, the way\n"
		"from it up to the fix is shown.",
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run,
};
