/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-cves.h"
#include "cli/build.h"
#include "cli/verbs-build.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trust/severity.h"

#define LEVEL_MAX 1000000

enum {
	OPT_KERNEL,
	OPT_OUT,
	OPT_CVE,
	OPT_RECORD,
	OPT_CHANGELOG,
	OPT_DATABASE,
	OPT_SEVERITY,
	OPT_LEVEL,
	OPT_CHANNEL,
	OPT_FRESH,
	OPT_SIGN_KEY,
	OPT_SIGN_CERT,
	OPT_ACCEPT
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "reference, name or build-id of a kernel that was added",
			 .required = true },
	[OPT_OUT] = { .name = "out",
		      .letter = 'o',
		      .arg = "DIR",
		      .help = "where module and manifest go",
		      .required = true },
	[OPT_CVE] = { .name = "cve",
		      .arg = "ID",
		      .help = "what a fix closes, in the order of the fixes; or none",
		      .multi = true },
	[OPT_RECORD] = { .name = "record",
			 .arg = "FILE",
			 .help = "else from a CVE's record, or its announcement",
			 .multi = true },
	[OPT_CHANGELOG] = { .name = "changelog",
			    .arg = "FILE",
			    .help = "else from a Debian changelog that lists the fix",
			    .multi = true },
	[OPT_DATABASE] = { .name = "database",
			   .arg = "FILE",
			   .help = "else from a CVE database of oakum-repo cves" },
	[OPT_SEVERITY] = { .name = "severity",
			   .arg = "WORD",
			   .help = "of the fixes: low, medium, high or critical" },
	[OPT_LEVEL] = { .name = "level", .arg = "N", .help = "number of the level, 1 if not given" },
	[OPT_CHANNEL] = { .name = "channel", .arg = "NAME", .help = "edge if not given" },
	[OPT_FRESH] = { .name = "fresh", .help = "compile originals anew" },
	[OPT_SIGN_KEY] = { .name = "sign-key",
			   .arg = "KEY",
			   .help = "sign the module: a PEM file or pkcs11: URI; PIN in "
				   "$OAKUM_SIGN_PIN" },
	[OPT_SIGN_CERT] = { .name = "sign-cert",
			    .arg = "CERT",
			    .help = "certificate of that key, which the hosts' kernels trust" },
	[OPT_ACCEPT] = { .name = "accept",
			 .arg = "RULE:SYMBOL=REASON",
			 .help = "build although this is refused; the manifest keeps the reason",
			 .multi = true },
	{ .name = NULL },
};

static const char *verdict(const struct make_result *res)
{
	if (res->findings.n)
		return "refused";
	return res->changed ? "changed" : "unchanged";
}

/* Joins the lists of all objects. */
static json_t *all_atoms(const struct make_result *res, enum verdict v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < res->n_objects; i++) {
		json_t *one = build_atoms_json(&res->objects[i], v);

		(void)json_array_extend(list, one);
		json_decref(one);
	}
	return list;
}

static json_t *objects_json(const struct make_result *res)
{
	json_t *list = json_array();

	for (size_t i = 0; i < res->n_objects; i++) {
		const struct make_object *o = &res->objects[i];
		const bool module = o->command.home == HOME_MODULE;
		const char *home = module ? o->command.module : "vmlinux";

		(void)json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:f, s:f}}", "object",
					o->command.object, "patches", home, "changed",
					build_atoms_json(o, VERDICT_CHANGED), "new",
					build_atoms_json(o, VERDICT_NEW), "callers",
					build_atoms_json(o, VERDICT_CALLER), "compile_seconds",
					"original", o->compile_seconds[0], "patched",
					o->compile_seconds[1]));
	}
	return list;
}

static json_t *proof_json(const struct make_result *res)
{
	json_t *list = json_array();

	for (size_t i = 0; i < res->n_objects; i++)
		if (res->objects[i].proof)
			(void)json_array_append_new(list, build_proof_json(&res->objects[i]));
	return list;
}

static json_t *result_json(const struct make_result *res)
{
	const struct make_seconds *s = &res->seconds;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?,"
			 " s:s?, s:I, s:{s:f, s:f, s:f, s:f, s:f, s:f}}",
			 "verdict", verdict(res), "changed", all_atoms(res, VERDICT_CHANGED), "new",
			 all_atoms(res, VERDICT_NEW), "callers", all_atoms(res, VERDICT_CALLER),
			 "refusals", build_findings_json(&res->findings), "accepted",
			 build_findings_json(&res->accepted), "warnings",
			 build_findings_json(&res->warnings), "objects", objects_json(res), "proof",
			 proof_json(res), "module", res->module_path, "manifest",
			 res->manifest_path, "module_bytes", (json_int_t)res->module_bytes,
			 "seconds", "apply", s->apply, "compile", s->compile, "prove", s->prove,
			 "diff", s->diff, "emit", s->emit, "total", s->total);
}

static void print_atoms(const struct make_object *o, enum verdict v, const char *word)
{
	for (atom_id i = 1; i < o->patched->n_atoms; i++)
		if (o->diff.verdicts.of[i] == v)
			printf("  %-8s %s\n", word, atom_name(o->patched, i));
}

static bool brings_new(const struct make_result *res)
{
	for (size_t i = 0; i < res->n_objects; i++)
		if (res->objects[i].diff.verdicts.n_new)
			return true;
	return false;
}

static void print_text(const struct cli *cli, const struct make_result *res)
{
	for (size_t i = 0; i < res->n_objects; i++) {
		const struct make_object *o = &res->objects[i];

		if (!o->proof || !o->diff.verdicts.of)
			continue;
		build_print_proof(cli, o);
		print_atoms(o, VERDICT_CHANGED, "changed");
		print_atoms(o, VERDICT_NEW, "new");
		print_atoms(o, VERDICT_CALLER, "caller");
	}
	build_print_warnings(cli, &res->warnings);
	build_print_accepted(cli, &res->accepted);
	build_print_findings(cli, &res->findings);
	if (res->module_path)
		printf("%s%s%s: %zu bytes, %.2f s\n", cli_color(cli, CLI_GREEN), res->module_path,
		       cli_color(cli, CLI_RESET), res->module_bytes, res->seconds.total);
	else if (!res->findings.n && res->accepted.n)
		printf("unchanged: nothing but what was accepted changes; there is nothing to "
		       "patch\n");
	else if (!res->findings.n)
		printf("unchanged: the generated code %s; there is nothing to patch\n",
		       brings_new(res) ? "that runs is the same, and nothing uses what is new"
				       : "is the same");
}

static int print_result(const struct cli *cli, const struct make_result *res,
			const struct build_cves *cves, const struct build_cves_options *asked,
			struct oak_error *err)
{
	json_t *j;

	if (cli->json) {
		j = result_json(res);
		if (j)
			build_cves_json(cves, asked, j);
		return cli_print_json(j, err);
	}
	build_cves_print(cli, cves, asked);
	print_text(cli, res);
	return 0;
}

/* Decimal, 1 to LEVEL_MAX. */
static int parse_level(const char *text, uint32_t *ret, struct oak_error *err)
{
	uint32_t v = 0;

	for (const char *p = text; *p >= '0' && *p <= '9' && v <= LEVEL_MAX; p++)
		v = v * 10 + (uint32_t)(*p - '0');
	if (strspn(text, "0123456789") != strlen(text) || v < 1 || v > LEVEL_MAX)
		return oak_fail(err, OAK_E_USAGE, "--level %s: not a number from 1 to %d", text,
				LEVEL_MAX);
	*ret = v;
	return 0;
}

static int check_severity(const char *severity, struct oak_error *err)
{
	uint32_t rank;

	if (!severity || severity_parse(severity, &rank) == 0)
		return 0;
	return oak_fail(err, OAK_E_USAGE, "--severity %s: not low, medium, high or critical",
			severity);
}

/* What there is to tell of a level, or of why there is none. */
static int tell(const struct cli *cli, const struct make_result *res, const struct build_cves *cves,
		const struct build_cves_options *asked, struct oak_error *err)
{
	int r = 0;

	/* Without a refusal there is nothing to tell but that. */
	if (res->findings.n || !res->stale_accept)
		r = print_result(cli, res, cves, asked, err);
	if (r == 0)
		r = build_check_accepts(res, err);
	if (r == 0 && res->findings.n)
		return oak_fail(err, OAK_E_REFUSED, "this fix cannot be live patched: %zu reason%s",
				res->findings.n, res->findings.n == 1 ? "" : "s");
	return r == 0 && !res->changed ? -OAK_E_NOTHING : r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(make_result_free) struct make_result res = { 0 };
	_cleanup_(build_cves_free) struct build_cves cves = { 0 };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct build_cves_options asked = { .fixes = args->v,
					    .n_fixes = args->n,
					    .cves = &args->opt[OPT_CVE],
					    .records = &args->opt[OPT_RECORD],
					    .changelogs = &args->opt[OPT_CHANGELOG],
					    .database = cli_value(args, OPT_DATABASE, NULL),
					    .progress = cli->progress };
	struct make_options opt = { .fixes = args->v,
				    .n_fixes = args->n,
				    .severity = cli_value(args, OPT_SEVERITY, NULL),
				    .out_dir = cli_value(args, OPT_OUT, "."),
				    .channel = cli_value(args, OPT_CHANNEL, "edge"),
				    .fresh = args->opt[OPT_FRESH].n,
				    .sign_key = cli_value(args, OPT_SIGN_KEY, NULL),
				    .sign_cert = cli_value(args, OPT_SIGN_CERT, NULL),
				    .sign_pin = getenv("OAKUM_SIGN_PIN"),
				    .accepts = args->opt[OPT_ACCEPT].v,
				    .n_accepts = args->opt[OPT_ACCEPT].n,
				    .progress = cli->progress };
	int r = parse_level(cli_value(args, OPT_LEVEL, "1"), &opt.level, err);

	if (r == 0)
		r = check_severity(opt.severity, err);
	if (r == 0 && !opt.sign_key != !opt.sign_cert)
		r = oak_fail(err, OAK_E_USAGE, "--sign-key and --sign-cert go together");
	if (r == 0)
		r = kernel_open(cli_value(args, OPT_KERNEL, ""), &k, err);
	asked.kernel = k;
	if (r == 0)
		r = build_cves_find(&asked, &cves, err);
	opt.cves = cves.v;
	opt.read = cves.fixes;
	if (r == 0)
		r = make_level(k, &opt, &res, err);
	return r < 0 ? r : tell(cli, &res, &cves, &asked, err);
}

const struct verb verb_build_make = {
	.name = "make",
	.args = "FIX.patch...",
	.help = "build a level: compile, prove, diff, emit",
	.more = "Writes oakum_N.ko, manifest.json, explain.json and report.md into DIR. Nothing is\n"
		"written when the fix is refused (exit 4) or changes no code (exit 3).",
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run,
};
