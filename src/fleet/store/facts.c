/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/facts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/store/rows.h"
#include "fleet/store/sets.h"
#include "trust/fleet/report-cves.h"

#define WEEK 604800
#define DAY  INT64_C(86400)

const char *const facts_bands[FACTS_BANDS] = { "under-1w", "1w-1m",   "1m-3m",   "3m-6m",
					       "6m-12m",   "12m-18m", "over-18m" };

static const struct db_statement count = {
	"hosts: count",
	"INSERT INTO host_counts (facet, value, n) VALUES ($1, $2, $3)"
	" ON CONFLICT (facet, value) DO UPDATE SET n = host_counts.n + excluded.n",
	"INSERT INTO host_count_changes (facet, value, n) VALUES ($1, $2, $3)"
};
static const struct db_statement count_list = { "hosts: count all", "SELECT 0",
						"INSERT INTO host_count_changes (facet, value, n)"
						" SELECT x->>0, x->>1, CAST(x->>2 AS BIGINT)"
						" FROM json_array_elements(CAST($1 AS JSON)) AS x" };
/* Whoever comes second leaves it to the first. */
static const struct db_statement fold_lock = {
	"hosts: fold lock", "SELECT 0",
	"SELECT pg_try_advisory_xact_lock(7521985, hashtext(current_schema()))::int"
};
static const struct db_statement fold = {
	"hosts: fold", "SELECT 0",
	"WITH gone AS (DELETE FROM host_count_changes RETURNING facet, value, n)"
	" INSERT INTO host_counts (facet, value, n)"
	" SELECT facet, value, SUM(n) FROM gone GROUP BY facet, value"
	" ON CONFLICT (facet, value) DO UPDATE SET n = host_counts.n + excluded.n"
};
#define TEXT(member)                                                                          \
	{                                                                                     \
		offsetof(struct host_facts, member), sizeof(((struct host_facts *)0)->member) \
	}
static const struct {
	size_t at, size;
} texts[] = {
	TEXT(name),  TEXT(boot),      TEXT(agent),  TEXT(build_id),   TEXT(release),
	TEXT(arch),  TEXT(effective), TEXT(os_id),  TEXT(os_version), TEXT(ring),
	TEXT(state), TEXT(verdict),   TEXT(uptime), TEXT(reboot),     TEXT(cve_list),
};

int facts_read(const struct db_row *row, int column, struct host_facts *ret)
{
	int64_t *const numbers[] = { &ret->level,       &ret->newest,     &ret->behind,
				     &ret->cve_set,     &ret->cves_open,  &ret->containers,
				     &ret->audit_score, &ret->finding_set };

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		(void)snprintf((char *)ret + texts[i].at, texts[i].size, "%s",
			       db_row_text(row, column++));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] = db_row_int(row, column++);
	for (size_t i = 0; i < REPORT_SEVERITY_SORTS; i++)
		ret->open[i] = db_row_int(row, column++);
	return column;
}

/* "": not said. */
static const char *band_of(int64_t uptime_s)
{
	static const int64_t from[FACTS_BANDS] = { 0,         WEEK,      30 * DAY, 91 * DAY,
						   182 * DAY, 365 * DAY, 547 * DAY };
	size_t i = FACTS_BANDS - 1;

	while (uptime_s < from[i])
		i--;
	return uptime_s > 0 ? facts_bands[i] : "";
}

void facts_of_report(const struct report *r, const struct host_facts *before, struct host_facts *ret)
{
	/* Facts are compared as bytes. */
	memset(ret, 0, sizeof(*ret));
#define SET(member, text) ((void)snprintf(ret->member, sizeof(ret->member), "%s", (text)))
	SET(name, r->name[0] ? r->name : before->name);
	SET(ring, before->ring);
	SET(boot, r->boot);
	SET(agent, r->agent);
	SET(build_id, r->build_id);
	SET(release, r->release);
	SET(arch, r->arch);
	SET(effective, r->effective);
	SET(os_id, r->os_id);
	SET(os_version, r->os_version);
	SET(state, r->state);
	SET(verdict, r->verdict);
	SET(uptime, band_of(r->uptime_s));
	SET(reboot, r->reboot);
	SET(cve_list, r->cves_all ? "all" : r->cves_open >= 0 ? "worst" : "");
#undef SET
	ret->level = r->level;
	ret->newest = r->newest;
	ret->behind = r->level < r->newest;
	ret->cve_set = sets_number_cves(r);
	ret->cves_open = r->cves_open;
	ret->containers = r->containers;
	ret->audit_score = r->audit_score;
	ret->finding_set = sets_number_findings(r);
	for (size_t i = 0; i < REPORT_SEVERITY_SORTS; i++)
		ret->open[i] = r->cves_by[i];
}

int facts_count_one(struct db *db, const char *facet, const char *value, int64_t change,
		    struct oak_error *err)
{
	return rows_run(db, &count,
			(const struct db_value[]){ db_text(facet), db_text(value), db_int(change) },
			3, err);
}

/* A value of a facet that a host has, and how much of it. */
struct facet_value {
	char text[4 * REPORT_WORD_MAX];
	int64_t n;
};

static struct facet_value number_value(int64_t n)
{
	struct facet_value v = { .n = 1 };

	(void)snprintf(v.text, sizeof(v.text), "%" PRId64, n);
	return v;
}

static struct facet_value text_value(const char *text)
{
	struct facet_value v = { .n = 1 };

	(void)snprintf(v.text, sizeof(v.text), "%s", text);
	return v;
}

#define OF_TEXT(member)                                                         \
	static struct facet_value value_of_##member(const struct host_facts *f) \
	{                                                                       \
		return text_value(f->member);                                   \
	}
OF_TEXT(ring)
OF_TEXT(state)
OF_TEXT(release)
OF_TEXT(verdict)
OF_TEXT(build_id)
OF_TEXT(uptime)
OF_TEXT(cve_list)

static struct facet_value value_of_level(const struct host_facts *f)
{
	return number_value(f->level);
}

static struct facet_value value_of_behind(const struct host_facts *f)
{
	return number_value(f->behind);
}

static struct facet_value value_of_os(const struct host_facts *f)
{
	struct facet_value v = { .n = 1 };

	(void)snprintf(v.text, sizeof(v.text), "%s%s%s", f->os_id, f->os_id[0] ? ":" : "",
		       f->os_version);
	return v;
}

static struct facet_value value_of_reboot(const struct host_facts *f)
{
	return text_value(strcmp(f->reboot, "-") == 0 ? "no" : f->reboot);
}

static struct facet_value value_of_cve_set(const struct host_facts *f)
{
	struct facet_value v = { .n = f->cve_set != 0 };

	(void)snprintf(v.text, sizeof(v.text), "%" PRId64 "/%s", f->cve_set, f->ring);
	return v;
}

static struct facet_value value_of_cve_box(const struct host_facts *f)
{
	struct facet_value v = number_value(f->cve_set);

	v.n = f->cve_set && f->containers > 0 ? f->containers : 0;
	return v;
}

static struct facet_value value_of_findings(const struct host_facts *f)
{
	struct facet_value v = number_value(f->finding_set);

	v.n = f->finding_set != 0;
	return v;
}

/* Hosts that never reported run no kernel that we know. */
static struct facet_value value_of_matrix(const struct host_facts *f)
{
	struct facet_value v = { .n = f->build_id[0] != 0 };

	(void)snprintf(v.text, sizeof(v.text), "%s/%s/%" PRId64 "/%s", f->ring, f->build_id,
		       f->level, f->state);
	return v;
}

static struct facet_value open_value(const struct host_facts *f, enum report_severity s)
{
	struct facet_value v = text_value(report_severity_name(s));

	v.n = f->open[s];
	return v;
}

#define OF_OPEN(name, severity)                                               \
	static struct facet_value value_of_##name(const struct host_facts *f) \
	{                                                                     \
		return open_value(f, severity);                               \
	}
OF_OPEN(critical, REPORT_SEVERITY_CRITICAL)
OF_OPEN(high, REPORT_SEVERITY_HIGH)
OF_OPEN(medium, REPORT_SEVERITY_MEDIUM)
OF_OPEN(low, REPORT_SEVERITY_LOW)
OF_OPEN(unknown, REPORT_SEVERITY_UNKNOWN)

static const struct {
	const char *name;
	struct facet_value (*value)(const struct host_facts *f);
} facets[] = {
	{ "ring", value_of_ring },           { "level", value_of_level },
	{ "state", value_of_state },         { "release", value_of_release },
	{ "verdict", value_of_verdict },     { "os", value_of_os },
	{ "build_id", value_of_build_id },   { "behind", value_of_behind },
	{ "uptime", value_of_uptime },       { "reboot", value_of_reboot },
	{ "cve_list", value_of_cve_list },   { FACET_CVE_SET, value_of_cve_set },
	{ FACET_CVE_BOX, value_of_cve_box }, { FACET_FINDINGS, value_of_findings },
	{ FACET_MATRIX, value_of_matrix },   { FACET_OPEN, value_of_critical },
	{ FACET_OPEN, value_of_high },       { FACET_OPEN, value_of_medium },
	{ FACET_OPEN, value_of_low },        { FACET_OPEN, value_of_unknown },
};

/* Into @list, or at once where there is none. */
static int change(struct db *db, json_t *list, const char *facet, const char *value, int64_t n,
		  struct oak_error *err)
{
	if (!n)
		return 0;
	if (!list)
		return facts_count_one(db, facet, value, n, err);
	return rows_append(list, json_pack("[s, s, I]", facet, value, (json_int_t)n), err);
}

static int change_all(struct db *db, json_t *list, const struct host_facts *before,
		      const struct host_facts *after, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(facets) / sizeof(facets[0]) && !r; i++) {
		struct facet_value old = { .n = 0 }, new = { .n = 0 };

		if (before)
			old = facets[i].value(before);
		if (after)
			new = facets[i].value(after);
		if (before && after && !strcmp(old.text, new.text)) {
			r = change(db, list, facets[i].name, old.text, new.n - old.n, err);
			continue;
		}
		r = change(db, list, facets[i].name, old.text, -old.n, err);
		if (!r)
			r = change(db, list, facets[i].name, new.text, new.n, err);
	}
	return r;
}

int facts_count(struct db *db, const struct host_facts *before, const struct host_facts *after,
		struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(freep) char *text = NULL;
	int r;

	/* Each statement is a way to the server and back. */
	if (!db_is_postgres(db))
		return change_all(db, NULL, before, after, err);
	list = json_array();
	if (!list)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = change_all(db, list, before, after, err);
	if (r < 0 || !json_array_size(list))
		return r;
	text = json_dumps(list, JSON_COMPACT);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return rows_run(db, &count_list, (const struct db_value[]){ db_text(text) }, 1, err);
}

int facts_fold(struct db *db, struct oak_error *err)
{
	int64_t mine = 0, r;

	if (!db_is_postgres(db))
		return 0;
	r = db_query(db, &fold_lock, NULL, 0, rows_int, &mine, err);
	if (r >= 0 && mine)
		r = db_run(db, &fold, NULL, 0, err);
	return r < 0 ? (int)r : 0;
}

bool facts_same(const struct host_facts *a, const struct host_facts *b)
{
	const char *const pairs[][2] = {
		{ a->name, b->name },
		{ a->boot, b->boot },
		{ a->agent, b->agent },
		{ a->build_id, b->build_id },
		{ a->release, b->release },
		{ a->arch, b->arch },
		{ a->effective, b->effective },
		{ a->os_id, b->os_id },
		{ a->os_version, b->os_version },
		{ a->ring, b->ring },
		{ a->state, b->state },
		{ a->verdict, b->verdict },
		{ a->uptime, b->uptime },
		{ a->reboot, b->reboot },
		{ a->cve_list, b->cve_list },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(pairs[i][0], pairs[i][1]) != 0)
			return false;
	for (size_t i = 0; i < REPORT_SEVERITY_SORTS; i++)
		if (a->open[i] != b->open[i])
			return false;
	return a->level == b->level && a->newest == b->newest && a->behind == b->behind &&
	       a->cve_set == b->cve_set && a->cves_open == b->cves_open &&
	       a->containers == b->containers && a->audit_score == b->audit_score &&
	       a->finding_set == b->finding_set;
}
