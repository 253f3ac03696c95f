/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidates-text: the list on a screen, and as a document. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "cli/candidates.h"
#include "cli/cves.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"
#include "trust/date.h"

#define TITLE_CUT   58
#define FILES_SHOWN 4u
#define HEX         (2 * CVE_COMMIT_BYTES + 1)

/* Where its code is; a build machine does not know which modules a host has loaded. */
static const char *place(const struct candidate *one, char module[128])
{
	module[0] = '\0';
	if (one->j.built.module) {
		built_module_name(one->j.built.module, module, 128);
		return "module";
	}
	return one->j.built.state == BUILT_YES ? "vmlinux" : "unknown";
}

static json_t *fix_json(const struct cve_fix *f)
{
	char version[CVE_VERSION_TEXT], hex[HEX] = "";

	if (!f->version)
		return json_null();
	cve_version_format(f->version, version);
	if (f->commit)
		hex_encode(f->commit, CVE_COMMIT_BYTES, hex);
	return json_pack("{s:s, s:s?}", "version", version, "commit", f->commit ? hex : NULL);
}

static json_t *files_json(const struct cve_db *db, const struct cve_file_record *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < r->n_files; i++)
		(void)json_array_append_new(list,
					    json_string(
						    cve_db_text(db, cve_db_path(db, r, i)->name)));
	return list;
}

static json_t *commits_json(const struct cve_db *db, const struct cve_file_record *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < r->n_commits; i++) {
		char hex[HEX];

		hex_encode(db->commits + (size_t)(r->commits + i) * CVE_COMMIT_BYTES,
			   CVE_COMMIT_BYTES, hex);
		(void)json_array_append_new(list, json_string(hex));
	}
	return list;
}

static json_t *package_json(const struct candidates *c, const struct candidate *one)
{
	static const char *const words[] = {
		[CVE_RELEASE_OPEN] = "open",
		[CVE_RELEASE_RESOLVED] = "resolved",
		[CVE_RELEASE_UNDETERMINED] = "undetermined",
	};
	const struct cve_file_release *row = one->package;
	int has = candidates_in_archive(c, one);

	return json_pack("{s:s?, s:s?, s:o}", "status", row ? words[row->status] : NULL, "fixed",
			 row && row->status == CVE_RELEASE_RESOLVED ? cve_db_text(c->db, row->fixed)
								    : NULL,
			 "in_archive", has < 0 ? json_null() : json_boolean(has));
}

static json_t *one_json(const struct candidates *c, const struct candidate *one)
{
	_cleanup_(buf_free) struct buf next = { 0 };
	json_t *j = cves_json_record(c->db, one->r);
	char module[128];
	const char *where = place(one, module);

	if (!j || candidates_next(c, one, &next) < 0)
		return j;
	(void)json_object_set_new(j, "place", json_string(where));
	(void)json_object_set_new(j, "module", module[0] ? json_string(module) : json_null());
	(void)json_object_set_new(j, "disputed", json_boolean(one->j.upstream.disputed != 0));
	(void)json_object_set_new(j, "files", files_json(c->db, one->r));
	(void)json_object_set_new(j, "fix",
				  json_pack("{s:o, s:o, s:o}", "branch", fix_json(&one->branch),
					    "mainline", fix_json(&one->mainline), "commits",
					    commits_json(c->db, one->r)));
	(void)json_object_set_new(j, "package", package_json(c, one));
	(void)json_object_set_new(j, "next", json_string(buf_str(&next)));
	return j;
}

int candidates_print_json(const struct candidates *c, struct oak_error *err)
{
	json_t *list = json_array(), *counts = json_object();

	for (size_t i = 0; i < c->n && i < c->limit; i++)
		(void)json_array_append_new(list, one_json(c, &c->v[i]));
	for (unsigned i = 0; i < CVE_VERDICTS; i++)
		(void)json_object_set_new(counts, cve_verdict_name((enum cve_verdict)i),
					  json_integer((json_int_t)c->counts[i]));
	return cli_print_json(
		json_pack("{s:{s:s, s:s, s:s, s:s}, s:o, s:s, s:o, s:I, s:I, s:s?, s:o}", "kernel",
			  "reference", c->kernel->reference, "release", c->kernel->release,
			  "package", c->host->kernel.package, "codename", c->host->codename,
			  "database", cves_json_database(c->db, c->db_path), "changelog_error",
			  c->host->changelog_why, "counts", counts, "in_levels",
			  (json_int_t)c->in_levels, "found", (json_int_t)c->n, "archive",
			  c->archive, "candidates", list),
		err);
}

static void print_head(const struct candidates *c)
{
	const struct cve_host *h = c->host;
	char upstream[CVE_VERSION_TEXT], as_of[DATE_TEXT_MAX];

	cve_version_format(h->kernel.upstream, upstream);
	date_format(c->db->header->as_of_s, as_of);
	printf("kernel      %s, upstream %s\n", c->kernel->reference, upstream);
	printf("database    %zu records, of %.10s\n", c->db->n, as_of);
	if (h->changelog_why[0])
		printf("changelog   not used: %s\n", h->changelog_why);
	if (!cve_version_same_branch(c->db->header->kbuild, h->kernel.upstream))
		printf("source      the database knows no source of this branch: compile it with "
		       "--source %s\n",
		       c->kernel->source);
	printf("archive     %s%s\n", c->archive ? c->archive : "not known",
	       c->archive ? " is the newest package of this series" : ": no package lists of apt");
	printf("exposed     %zu", c->n + c->in_levels);
	if (c->in_levels)
		printf(", %zu of them in the levels given", c->in_levels);
	printf("; not built %zu, fixed %zu\n", c->counts[CVE_VERDICT_NOT_BUILT],
	       c->counts[CVE_VERDICT_FIXED]);
}

static void print_code(const struct candidates *c, const struct candidate *one)
{
	char module[128];
	const char *where = place(one, module);

	printf("    code      ");
	for (uint32_t i = 0; i < one->r->n_files && i < FILES_SHOWN; i++)
		printf("%s%s", i ? ", " : "",
		       cve_db_text(c->db, cve_db_path(c->db, one->r, i)->name));
	if (one->r->n_files > FILES_SHOWN)
		printf(" and %u more", one->r->n_files - FILES_SHOWN);
	if (one->r->n_files == 0)
		printf("its record names no file");
	if (module[0])
		printf("; module %s", module);
	else
		printf("; %s", strcmp(where, "unknown") == 0 ? "whether it is built is not known"
							     : "in vmlinux");
	if (one->headers && one->sources + one->others == 0)
		printf("; a header alone: many objects may change");
	else if (one->r->n_files && one->sources == 0)
		printf("; no C file: not likely to be patched live");
	printf("\n");
}

static void print_fix(const char *word, const struct cve_fix *f)
{
	char version[CVE_VERSION_TEXT], hex[HEX];

	if (!f->version) {
		printf("    %-9s none is known\n", word);
		return;
	}
	cve_version_format(f->version, version);
	if (f->commit)
		hex_encode(f->commit, CVE_COMMIT_BYTES, hex);
	printf("    %-9s %s", word, version);
	if (f->commit)
		printf(", https://git.kernel.org/stable/c/%s", hex);
	printf("\n");
}

static void print_disputed(const struct candidate *one)
{
	char version[CVE_VERSION_TEXT];

	if (!one->j.upstream.disputed)
		return;
	cve_version_format(one->j.upstream.disputed, version);
	printf("    disputed  its record also says that %s and later have the fix\n", version);
}

static void print_package(const struct candidates *c, const struct candidate *one)
{
	const struct cve_file_release *row = one->package;
	int has = candidates_in_archive(c, one);

	printf("    package   ");
	if (row && row->status == CVE_RELEASE_RESOLVED)
		printf("fixed in %s", cve_db_text(c->db, row->fixed));
	else
		printf("%s", row ? "open in the tracker" : "nothing of the tracker");
	if (has >= 0)
		printf("; %s %s it", c->archive,
		       has ? "in the archive has" : "in the archive lacks");
	printf("\n");
}

static void print_one(const struct cli *cli, const struct candidates *c, const struct candidate *one)
{
	_cleanup_(buf_free) struct buf next = { 0 };
	char id[CVE_ID_MAX], score[8] = "-";

	cve_id_format(one->r->year, one->r->number, id);
	if (one->r->score)
		(void)snprintf(score, sizeof(score), "%u.%u", one->r->score / 10u,
			       one->r->score % 10u);
	printf("\n%s%-16s%s %4s%s%s%s %.*s\n", cli_color(cli, CLI_BOLD), id,
	       cli_color(cli, CLI_RESET), score, cli_color(cli, CLI_RED),
	       one->r->flags & CVE_FLAG_KEV ? " exploited" : "", cli_color(cli, CLI_RESET),
	       TITLE_CUT, cve_db_text(c->db, one->r->title));
	print_code(c, one);
	print_disputed(one);
	print_fix("branch", &one->branch);
	print_fix("mainline", &one->mainline);
	if (one->r->n_commits && !one->branch.commit && !one->mainline.commit)
		printf("    commits   %u, of which its record does not tell the branch; the last is "
		       "mostly mainline's\n",
		       one->r->n_commits);
	print_package(c, one);
	if (candidates_next(c, one, &next) == 0)
		printf("    next      %s\n", buf_str(&next));
}

void candidates_print(const struct cli *cli, const struct candidates *c)
{
	print_head(c);
	for (size_t i = 0; i < c->n && i < c->limit; i++)
		print_one(cli, c, &c->v[i]);
	if (c->n > c->limit)
		printf("\n%zu more: --limit 0 shows all\n", c->n - c->limit);
}
