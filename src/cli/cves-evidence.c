/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves-evidence: one judgement, with what it rests on. */
#include "base/cleanup.h"
#include "cli/cves.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"

static const char *const built_names[] = {
	[BUILT_NO] = "not-built",
	[BUILT_UNLOADABLE] = "module-blocked",
	[BUILT_UNLOADED] = "module-not-loaded",
	[BUILT_YES] = "in-kernel",
	[BUILT_UNKNOWN] = "unknown",
};

static const char *const claim_names[] = {
	[CVE_CLAIM_LIVE] = "live",
	[CVE_CLAIM_COMING] = "in-transition",
	[CVE_CLAIM_BROKEN] = "functions-missing",
	[CVE_CLAIM_WITHHELD] = "withheld",
	[CVE_CLAIM_ON_DISK] = "on-disk",
};

static json_t *files_json(const struct cve_host *h, const struct cve_db *db,
			  const struct cve_file_record *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < r->n_files; i++) {
		const struct cve_file_path *path = cve_db_path(db, r, i);
		const struct built_why why = built_file(&h->built, db, path);

		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s?}", "file",
							    cve_db_text(db, path->name), "state",
							    built_names[why.state], "module",
							    why.module, "unset", why.symbol));
	}
	return list;
}

static json_t *claims_json(const struct cve_host *h, const struct cve_file_record *r)
{
	json_t *list = json_array();

	for (unsigned kind = 0; list && kind < CVE_CLAIM_KINDS; kind++) {
		const struct cve_claim *c =
			claims_find(&h->claims, r->year, r->number, (enum cve_claim_kind)kind);

		if (c)
			(void)json_array_append_new(list,
						    json_pack("{s:I, s:s, s:s}", "level",
							      (json_int_t)c->level, "state",
							      claim_names[kind], "text", c->text));
	}
	return list;
}

static void add_text(json_t *j, const char *key, const struct buf *text)
{
	(void)json_object_set_new(j, key, text->len ? json_string(buf_str(text)) : json_null());
}

static void add_evidence(json_t *j, const struct cve_host *h, const struct cve_db *db,
			 const struct cve_file_record *r, const struct cve_judgement *judged)
{
	const struct cve_file_release *row = judged->tracker;

	(void)json_object_set_new(j, "evidence",
				  json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:o}", "upstream",
					    cve_upstream_name(judged->upstream.verdict),
					    "upstream_unsure", judged->upstream.unsure,
					    "upstream_disputed", judged->upstream.disputed != 0,
					    "changelog", judged->in_changelog, "tracker",
					    row ? json_pack("{s:b, s:s}", "open",
							    row->status == CVE_RELEASE_OPEN,
							    "fixed", cve_db_text(db, row->fixed))
						: json_null(),
					    "levels", claims_json(h, r), "files",
					    files_json(h, db, r)));
}

json_t *cves_json_judgement(const struct cve_host *h, const struct cve_db *db,
			    const struct cve_file_record *r, const struct cve_judgement *judged,
			    bool all)
{
	_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };
	json_t *j = cves_json_record(db, r);

	if (!j || cve_judgement_reason(h, db, judged, &reason) < 0 ||
	    cve_judgement_way_out(h, judged, &way) < 0) {
		json_decref(j);
		return NULL;
	}
	(void)json_object_set_new(j, "verdict", json_string(cve_verdict_name(judged->verdict)));
	add_text(j, "reason", &reason);
	add_text(j, "way_out", &way);
	if (all)
		add_evidence(j, h, db, r, judged);
	return j;
}

static void print_upstream(const struct cve_host *h, const struct cve_judgement *j)
{
	char version[CVE_VERSION_TEXT], lo[CVE_VERSION_TEXT], hi[CVE_VERSION_TEXT];
	const struct cve_upstream_why *u = &j->upstream;

	cve_version_format(h->kernel.upstream, version);
	cve_version_format(u->lo, lo);
	cve_version_format(u->hi, hi);
	printf("version     %s (by %s): %s, ", version, h->kernel.source,
	       cve_upstream_name(u->verdict));
	if (u->verdict == CVE_UPSTREAM_FIXED)
		printf("since %s\n", lo);
	else if (u->by_default)
		printf("by the default of entry %u\n", u->entry);
	else
		printf("entry %u: %s <= version < %s\n", u->entry, lo, hi);
	if (u->disputed) {
		cve_version_format(u->disputed, lo);
		printf("disputed    another entry of the record knows a fix since %s\n", lo);
	}
	if (u->unsure)
		printf("unsure      a release candidate of the very release in which the code came "
		       "or was fixed\n");
}

static void print_distribution(const struct cve_host *h, const struct cve_db *db,
			       const struct cve_judgement *j)
{
	static const char *const words[] = {
		[CVE_RELEASE_OPEN] = "open",
		[CVE_RELEASE_RESOLVED] = "resolved in",
		[CVE_RELEASE_UNDETERMINED] = "undetermined",
	};

	if (h->changelog_why[0])
		printf("changelog   not used: %s\n", h->changelog_why);
	else if (h->kernel.distribution == CVE_DISTRIBUTION_DEBIAN)
		printf("changelog   of %s: %s\n", h->kernel.package,
		       j->in_changelog ? "names it" : "does not name it");
	if (j->tracker)
		printf("tracker     %s: %s %s\n", h->codename, words[j->tracker->status],
		       cve_db_text(db, j->tracker->fixed));
}

static void print_levels(const struct cve_host *h, const struct cve_file_record *r)
{
	bool any = false;

	for (unsigned kind = 0; kind < CVE_CLAIM_KINDS; kind++) {
		const struct cve_claim *c =
			claims_find(&h->claims, r->year, r->number, (enum cve_claim_kind)kind);

		if (!c)
			continue;
		any = true;
		printf("level       %u: %s: %s\n", c->level, claim_names[kind], c->text);
	}
	if (!any)
		printf("level       none that this host knows has it\n");
}

static void print_files(const struct cve_host *h, const struct cve_db *db,
			const struct cve_file_record *r)
{
	for (uint32_t i = 0; i < r->n_files; i++) {
		const struct cve_file_path *path = cve_db_path(db, r, i);
		const struct built_why why = built_file(&h->built, db, path);

		printf("built       %s: %s", cve_db_text(db, path->name), built_names[why.state]);
		if (why.module)
			printf(", module %s", why.module);
		if (why.symbol)
			printf(", %s is not set", why.symbol);
		printf("\n");
	}
}

void cves_print_evidence(const struct cve_host *h, const struct cve_db *db,
			 const struct cve_file_record *r, const struct cve_judgement *j)
{
	_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };

	if (cve_judgement_reason(h, db, j, &reason) < 0 || cve_judgement_way_out(h, j, &way) < 0)
		return;
	printf("verdict     %s: %s\n", cve_verdict_name(j->verdict), buf_str(&reason));
	if (way.len)
		printf("way out     %s\n", buf_str(&way));
	print_upstream(h, j);
	print_distribution(h, db, j);
	print_levels(h, r);
	print_files(h, db, r);
}
