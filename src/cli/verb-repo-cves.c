/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-repo cves: records of the kernel's CVE authority, compiled into one file for hosts. */
#include "cli/repo.h"
#include "trust/cve/compile.h"

#define REFUSALS_IN_DOCUMENT 1000u

enum {
	OUTPUT,
	DEBIAN,
	KEV,
	EPSS,
	SOURCE,
};

static const struct cli_option options[] = {
	[OUTPUT] = { .name = "output",
		     .arg = "FILE",
		     .help = "the database",
		     .letter = 'o',
		     .required = true },
	[DEBIAN] = { .name = "debian", .arg = "FILE", .help = "the Debian security tracker's JSON" },
	[KEV] = { .name = "kev",
		  .arg = "FILE",
		  .help = "CISA's catalogue of known exploited vulnerabilities, JSON" },
	[EPSS] = { .name = "epss", .arg = "FILE", .help = "FIRST's exploit prediction scores, CSV" },
	[SOURCE] = { .name = "source",
		     .arg = "DIR",
		     .help = "a kernel's source: where each file is compiled" },
	{ .name = NULL },
};

/* Refusals, for the document or for people. */
struct refusals {
	const struct cli *cli;
	json_t *list;
};

static void refused(void *ctx, const char *name, const char *why)
{
	struct refusals *r = ctx;

	if (!r->cli->json)
		(void)fprintf(stderr, "%s: refused: %.120s: %s\n", r->cli->program, name, why);
	else if (json_array_size(r->list) < REFUSALS_IN_DOCUMENT)
		(void)json_array_append_new(r->list,
					    json_pack("{s:s, s:s}", "name", name, "why", why));
}

static json_t *overlay_json(const char *path, const struct cve_overlay_count *n)
{
	return path ? json_pack("{s:I, s:I}", "matched", (json_int_t)n->matched, "unmatched",
				(json_int_t)n->unmatched)
		    : json_null();
}

static json_t *report_json(const struct cve_compile_options *opt,
			   const struct cve_compile_report *rep, json_t *refusals)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:O, s:I, s:I, s:I, s:o, s:o, s:o, s:f}",
			 "database", opt->output, "files", (json_int_t)rep->read, "published",
			 (json_int_t)rep->published, "rejected", (json_int_t)rep->rejected,
			 "reserved", (json_int_t)rep->reserved, "refused_count",
			 (json_int_t)rep->refused, "refused", refusals, "bytes",
			 (json_int_t)rep->bytes, "paths", (json_int_t)rep->paths, "paths_mapped",
			 (json_int_t)rep->paths_mapped, "debian",
			 overlay_json(opt->debian, &rep->debian), "kev",
			 overlay_json(opt->kev, &rep->kev), "epss",
			 overlay_json(opt->epss, &rep->epss), "seconds", rep->seconds);
}

static void print_overlay(const char *path, const struct cve_overlay_count *n)
{
	if (path)
		printf("%s: %zu of %zu belong to a record\n", path, n->matched,
		       n->matched + n->unmatched);
}

static void print_report(const struct cve_compile_options *opt, const struct cve_compile_report *rep)
{
	printf("wrote %s: %zu records, %zu bytes, in %.1f s\n", opt->output,
	       rep->published + rep->rejected + rep->reserved, rep->bytes, rep->seconds);
	if (rep->rejected + rep->reserved)
		printf("%zu of them are rejected, %zu reserved\n", rep->rejected, rep->reserved);
	if (rep->refused)
		printf("%zu could not be read and are not in it\n", rep->refused);
	if (opt->source)
		printf("%s: where %zu of the %zu files that records name is compiled\n",
		       opt->source, rep->paths_mapped, rep->paths);
	print_overlay(opt->debian, &rep->debian);
	print_overlay(opt->kev, &rep->kev);
	print_overlay(opt->epss, &rep->epss);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	struct refusals refusals = { .cli = cli, .list = list };
	const struct cve_compile_options opt = {
		.records = args->v[0],
		.output = cli_value(args, OUTPUT, NULL),
		.debian = cli_value(args, DEBIAN, NULL),
		.kev = cli_value(args, KEV, NULL),
		.epss = cli_value(args, EPSS, NULL),
		.source = cli_value(args, SOURCE, NULL),
		.progress = cli->progress,
		.refused = refused,
		.ctx = &refusals,
	};
	struct cve_compile_report report;
	int r = cve_compile(&opt, &report, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(report_json(&opt, &report, list), err);
	print_report(&opt, &report);
	return 0;
}

const struct verb verb_repo_cves = {
	.name = "cves",
	.args = "RECORDS",
	.help = "compile CVE records into the database that 'oakum cves' reads",
	.more = "RECORDS is a folder, or a tar archive (plain, zstd, gzip or xz), of files\n"
		"CVE-*.json as the kernel's CVE authority publishes them. A record that cannot be\n"
		"read is refused by name, the others are kept. The file is replaced when the new\n"
		"one is whole.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
