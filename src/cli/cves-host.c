/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves-host: oakum cves, of this host. */
#include <stdlib.h>
#include <string.h>

#include "agent/claims.h"
#include "base/cleanup.h"
#include "cli/cves.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"
#include "trust/date.h"

#define SHOW_WORST 10u
#define TITLE_CUT  58

struct listed {
	const struct cve_file_record *r;
	struct cve_judgement j;
	uint64_t rank;
};

struct survey {
	const struct cli *cli;
	const struct cves_view *v;
	const struct cve_db *db;
	const struct cve_host *h;
	size_t counts[CVE_VERDICTS];
	size_t kev;    /* known to be exploited, of the exposed and withheld ones */
	size_t reboot; /* of them, that only the kernel on the disk ends: no level has them */
	struct listed *worst; /* what is listed, the gravest first */
	size_t n;
};

static bool has_file(const struct cve_db *db, const struct cve_file_record *r, const char *below)
{
	for (uint32_t i = 0; i < r->n_files; i++)
		if (strncmp(cve_db_text(db, cve_db_path(db, r, i)->name), below, strlen(below)) == 0)
			return true;
	return false;
}

static bool is_open(enum cve_verdict v)
{
	return v == CVE_VERDICT_EXPOSED || v == CVE_VERDICT_WITHHELD;
}

static bool is_wanted(const struct survey *s, const struct cve_file_record *r, enum cve_verdict v)
{
	bool any = false;

	for (unsigned i = 0; i < CVE_VERDICTS; i++)
		any = any || s->v->verdicts[i];
	/* Without a filter for verdicts: what is open; a filter for files or severity asks of all. */
	if (any ? !s->v->verdicts[v] : !is_open(v))
		return false;
	return (!s->v->kev || r->flags & CVE_FLAG_KEV) && r->severity >= s->v->severity &&
	       (!s->v->file || has_file(s->db, r, s->v->file));
}

static int by_rank(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return (x->rank < y->rank) - (x->rank > y->rank);
}

static int survey(struct survey *s, struct oak_error *err)
{
	s->worst = calloc(s->db->n + 1, sizeof(*s->worst));
	if (!s->worst)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < s->db->n; i++) {
		const struct cve_file_record *r = &s->db->records[i];
		const struct cve_judgement j = cve_judge(s->h, s->db, r);

		s->counts[j.verdict]++;
		s->kev += is_open(j.verdict) && r->flags & CVE_FLAG_KEV;
		s->reboot += is_open(j.verdict) && j.next_has_it && !j.claim;
		if (is_wanted(s, r, j.verdict))
			s->worst[s->n++] = (struct listed){ .r = r, .j = j, .rank = cve_rank(r) };
	}
	if (s->n)
		qsort(s->worst, s->n, sizeof(*s->worst), by_rank);
	return 0;
}

static json_t *kernel_json(const struct cve_host *h)
{
	char upstream[CVE_VERSION_TEXT];

	cve_version_format(h->kernel.upstream, upstream);
	return json_pack("{s:s, s:s, s:s, s:s}", "release", h->kernel.release, "upstream", upstream,
			 "package", h->kernel.package, "codename", h->codename);
}

static json_t *counts_json(const struct survey *s)
{
	json_t *j = json_object();

	for (unsigned i = 0; j && i < CVE_VERDICTS; i++)
		(void)json_object_set_new(j, cve_verdict_name((enum cve_verdict)i),
					  json_integer((json_int_t)s->counts[i]));
	return j;
}

/* What only a reboot ends: how many, into which kernel, since when that waits. */
static json_t *reboot_json(const struct survey *s)
{
	char since[DATE_TEXT_MAX];

	if (!s->h->next.release[0])
		return json_null();
	date_format(s->h->next_since_s, since);
	return json_pack("{s:s, s:s, s:s, s:I}", "release", s->h->next.release, "package",
			 s->h->next.package, "since", since, "cves", (json_int_t)s->reboot);
}

/* @v->mitigations goes into it, too. */
static json_t *base_json(const struct cves_view *v, const struct cve_db *db,
			 const struct cve_host *h, json_t *list)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:O}", "kernel", kernel_json(h), "database",
			 cves_json_database(db, v->path), "changelog_error", h->changelog_why,
			 "cves", list, "mitigations", v->mitigations);
}

static int print_json(const struct survey *s, struct oak_error *err)
{
	json_t *list = json_array(), *doc;

	for (size_t i = 0; list && i < s->n; i++)
		(void)json_array_append_new(list, cves_json_judgement(s->h, s->db, s->worst[i].r,
								      &s->worst[i].j, false));
	doc = base_json(s->v, s->db, s->h, list);
	if (doc) {
		(void)json_object_set_new(doc, "counts", counts_json(s));
		(void)json_object_set_new(doc, "reboot", reboot_json(s));
	}
	return cli_print_json(doc, err);
}

/* A field of CSV: RFC 4180. A cell that a spreadsheet would compute begins with a quote. */
static void print_field(const char *text, char behind)
{
	(void)putchar('"');
	if (*text && strchr("=+-@", *text))
		(void)putchar('\'');
	for (; *text; text++) {
		if (*text == '"')
			(void)putchar('"');
		(void)putchar(*text);
	}
	(void)putchar('"');
	(void)putchar(behind);
}

static int print_csv(const struct survey *s, struct oak_error *err)
{
	printf("id,verdict,severity,score,kev,title,reason,way_out\r\n");
	for (size_t i = 0; i < s->n; i++) {
		_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };
		const struct listed *l = &s->worst[i];
		char id[CVE_ID_MAX];

		if (cve_judgement_reason(s->h, s->db, &l->j, &reason) < 0 ||
		    cve_judgement_way_out(s->h, &l->j, &way) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		cve_id_format(l->r->year, l->r->number, id);
		printf("%s,%s,%s,%u.%u,%s,", id, cve_verdict_name(l->j.verdict),
		       cves_severity(l->r), l->r->score / 10u, l->r->score % 10u,
		       l->r->flags & CVE_FLAG_KEV ? "yes" : "no");
		print_field(cve_db_text(s->db, l->r->title), ',');
		print_field(buf_str(&reason), ',');
		print_field(way.len ? buf_str(&way) : "", '\r');
		(void)putchar('\n');
	}
	return 0;
}

static void print_listed(const struct survey *s, const struct listed *l)
{
	_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };
	char id[CVE_ID_MAX], score[8] = "-";

	if (cve_judgement_reason(s->h, s->db, &l->j, &reason) < 0 ||
	    cve_judgement_way_out(s->h, &l->j, &way) < 0)
		return;
	cve_id_format(l->r->year, l->r->number, id);
	if (l->r->score)
		(void)snprintf(score, sizeof(score), "%u.%u", l->r->score / 10u, l->r->score % 10u);
	printf("%-16s %4s%s %.*s\n", id, score, l->r->flags & CVE_FLAG_KEV ? " exploited" : "",
	       TITLE_CUT, cve_db_text(s->db, l->r->title));
	printf("%21s %s%s%s\n", "", buf_str(&reason), way.len ? "; " : "",
	       way.len ? buf_str(&way) : "");
}

static void print_head(const struct survey *s)
{
	char upstream[CVE_VERSION_TEXT], as_of[DATE_TEXT_MAX];

	cve_version_format(s->h->kernel.upstream, upstream);
	date_format(s->db->header->as_of_s, as_of);
	printf("kernel      %s, upstream %s%s%s\n", s->h->kernel.release, upstream,
	       s->h->kernel.package[0] ? ", package " : "", s->h->kernel.package);
	printf("database    %zu records, of %.10s", s->db->n, as_of);
	if (s->db->header->refused)
		printf(", %u could not be read when it was made", s->db->header->refused);
	printf("\n");
	if (s->h->changelog_why[0])
		printf("changelog   not used: %s\n", s->h->changelog_why);
	if (!s->h->built.config_known)
		printf("config      not found: what is not built is not known\n");
	else if (!cve_version_same_branch(s->db->header->kbuild, s->h->kernel.upstream))
		printf("source      the database knows no source of this branch: little is known "
		       "of what is built\n");
}

static void print_reboot(const struct survey *s)
{
	char since[DATE_TEXT_MAX];

	if (!s->h->next.release[0])
		return;
	date_format(s->h->next_since_s, since);
	printf("reboot      into %s ends %zu that no level on this host has; it waits since "
	       "%.10s\n",
	       s->h->next.release, s->reboot, since);
}

static void print_mitigations(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		cves_print_mitigation(i ? "" : "mitigated", json_array_get(list, i));
}

static int print_summary(const struct survey *s)
{
	static const enum cve_verdict order[] = {
		CVE_VERDICT_EXPOSED, CVE_VERDICT_WITHHELD,     CVE_VERDICT_MODULE_NOT_LOADED,
		CVE_VERDICT_BLOCKED, CVE_VERDICT_NOT_BUILT,    CVE_VERDICT_PATCHED,
		CVE_VERDICT_FIXED,   CVE_VERDICT_NOT_AFFECTED,
	};
	size_t shown = s->n < SHOW_WORST ? s->n : SHOW_WORST;

	print_head(s);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		bool red = order[i] == CVE_VERDICT_EXPOSED && s->counts[order[i]];

		printf("%s%-22s %6zu%s", red ? cli_color(s->cli, CLI_RED) : "",
		       cve_verdict_name(order[i]), s->counts[order[i]],
		       red ? cli_color(s->cli, CLI_RESET) : "");
		if (order[i] == CVE_VERDICT_EXPOSED && s->kev)
			printf("  %zu known to be exploited", s->kev);
		printf("\n");
	}
	print_reboot(s);
	print_mitigations(s->v->mitigations);
	if (shown)
		printf("\nthe worst of %zu:\n", s->n);
	for (size_t i = 0; i < shown; i++)
		print_listed(s, &s->worst[i]);
	return 0;
}

static int explain(const struct cli *cli, const struct cve_host *h, const struct cve_db *db,
		   const struct cves_view *v, struct oak_error *err)
{
	json_t *list = cli->json ? json_array() : NULL;

	for (size_t i = 0; i < v->ids->n; i++) {
		const struct cve_file_record *r;
		struct cve_judgement j;
		int s = cves_find(db, v->ids->v[i], &r, err);

		if (s < 0) {
			json_decref(list);
			return s;
		}
		j = cve_judge(h, db, r);
		if (cli->json) {
			(void)json_array_append_new(list, cves_json_judgement(h, db, r, &j, true));
			continue;
		}
		if (i)
			printf("\n");
		cves_print_record(db, r);
		cves_print_evidence(h, db, r, &j);
	}
	return cli->json ? cli_print_json(base_json(v, db, h, list), err) : 0;
}

static int answer(struct survey *s, struct oak_error *err)
{
	int r = survey(s, err);

	if (r < 0)
		return r;
	if (s->cli->json)
		return print_json(s, err);
	if (s->v->csv)
		return print_csv(s, err);
	if (!s->v->list)
		return print_summary(s);
	for (size_t i = 0; i < s->n; i++)
		print_listed(s, &s->worst[i]);
	return 0;
}

int cves_read_host(int root, struct cve_host *ret, struct oak_error *err)
{
	uint32_t unknown = 0;
	int r = cve_host_read(root, ret, err);

	if (r == 0)
		r = cves_claims(root, &ret->claims, &unknown, err);
	if (r == 0 && unknown)
		(void)fprintf(stderr,
			      "oakum: level %u is in the kernel, but its manifest cannot be read "
			      "here: what it fixes is not known\n",
			      unknown);
	return r;
}

int cves_host(const struct cli *cli, int root, const struct cve_db *db, const struct cves_view *v,
	      struct oak_error *err)
{
	_cleanup_(cve_host_free) struct cve_host h = { 0 };
	struct survey s = { .cli = cli, .v = v, .db = db, .h = &h };
	int r = cves_read_host(root, &h, err);

	if (r < 0)
		return r;
	if (v->ids->n)
		return explain(cli, &h, db, v, err);
	r = answer(&s, err);
	free(s.worst);
	return r;
}
