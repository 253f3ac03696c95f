/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/facts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/store/rows.h"

#define WORST_MAX 10

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
static const struct db_statement keep_cve = {
	"hosts: cve", "INSERT INTO cve_sets (cve, cve_set) VALUES ($1, $2) ON CONFLICT DO NOTHING",
	NULL
};

#define TEXT(member)                                                                          \
	{                                                                                     \
		offsetof(struct host_facts, member), sizeof(((struct host_facts *)0)->member) \
	}
static const struct {
	size_t at, size;
} texts[] = {
	TEXT(name),       TEXT(boot), TEXT(agent),     TEXT(build_id),
	TEXT(release),    TEXT(arch), TEXT(effective), TEXT(os_id),
	TEXT(os_version), TEXT(ring), TEXT(state),     TEXT(verdict),
};

int facts_read(const struct db_row *row, int column, struct host_facts *ret)
{
	int64_t *const numbers[] = { &ret->level,      &ret->newest,    &ret->behind,
				     &ret->cve_set,    &ret->cves_open, &ret->containers,
				     &ret->audit_score };

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		(void)snprintf((char *)ret + texts[i].at, texts[i].size, "%s",
			       db_row_text(row, column++));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] = db_row_int(row, column++);
	return column;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Its worst CVEs, sorted. */
static size_t worst_of(const struct report *r, const char *ret[WORST_MAX])
{
	const json_t *worst = json_object_get(json_object_get(r->json, "cves"), "worst");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(worst) && n < WORST_MAX; i++) {
		const char *id = json_get_str(json_array_get(worst, i), "id");

		if (id && strlen(id) < REPORT_WORD_MAX)
			ret[n++] = id;
	}
	qsort(ret, n, sizeof(ret[0]), compare);
	return n;
}

/* 62 bits of a hash, so that it fits everywhere; 0: none. Two sets with one number are one set, of both. */
static int64_t set_number(const char *const worst[], size_t n)
{
	char text[WORST_MAX * (REPORT_WORD_MAX + 1) + 1] = "", hex[SHA256_HEX_MAX];
	uint8_t bytes[8] = { 0 };
	uint64_t number = 0;
	size_t len = 0;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", worst[i]);
	sha256_hex(text, len, hex);
	hex[16] = '\0';
	if (hex_decode(hex, bytes, sizeof(bytes)) != sizeof(bytes))
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	return (int64_t)(number >> 2) | 1;
}

void facts_of_report(const struct report *r, const struct host_facts *before, struct host_facts *ret)
{
	const char *worst[WORST_MAX] = { NULL };

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
#undef SET
	ret->level = r->level;
	ret->newest = r->newest;
	ret->behind = r->level < r->newest;
	ret->cve_set = set_number(worst, worst_of(r, worst));
	ret->cves_open = r->cves_open;
	ret->containers = r->containers;
	ret->audit_score = r->audit_score;
}

int facts_keep_cves(struct db *db, const struct report *r, int64_t cve_set, struct oak_error *err)
{
	const char *worst[WORST_MAX] = { NULL };
	size_t n = worst_of(r, worst);
	int ret = 0;

	for (size_t i = 0; i < n && !ret; i++)
		ret = rows_run(db, &keep_cve,
			       (const struct db_value[]){ db_text(worst[i]), db_int(cve_set) }, 2,
			       err);
	return ret;
}

int facts_count_one(struct db *db, const char *facet, const char *value, int64_t change,
		    struct oak_error *err)
{
	return rows_run(db, &count,
			(const struct db_value[]){ db_text(facet), db_text(value), db_int(change) },
			3, err);
}

enum facet {
	FACET_RING,
	FACET_LEVEL,
	FACET_STATE,
	FACET_RELEASE,
	FACET_VERDICT,
	FACET_OS,
	FACET_BUILD_ID,
	FACET_BEHIND,
	FACETS
};

static const char *const facet_names[FACETS] = { "ring",    "level", "state",    "release",
						 "verdict", "os",    "build_id", "behind" };

struct facet_value {
	char text[2 * REPORT_WORD_MAX];
};

static struct facet_value value_of(const struct host_facts *f, enum facet facet)
{
	struct facet_value v = { "" };
	const char *const plain[FACETS] = { f->ring,    NULL, f->state,    f->release,
					    f->verdict, NULL, f->build_id, NULL };

	if (plain[facet])
		(void)snprintf(v.text, sizeof(v.text), "%s", plain[facet]);
	else if (facet == FACET_OS)
		(void)snprintf(v.text, sizeof(v.text), "%s%s%s", f->os_id, f->os_id[0] ? ":" : "",
			       f->os_version);
	else
		(void)snprintf(v.text, sizeof(v.text), "%" PRId64,
			       facet == FACET_LEVEL ? f->level : f->behind);
	return v;
}

/* Into @list, or at once where there is none. */
static int change(struct db *db, json_t *list, const char *facet, const char *value, int64_t n,
		  struct oak_error *err)
{
	if (!list)
		return facts_count_one(db, facet, value, n, err);
	return rows_append(list, json_pack("[s, s, I]", facet, value, (json_int_t)n), err);
}

static int change_all(struct db *db, json_t *list, const struct host_facts *before,
		      const struct host_facts *after, struct oak_error *err)
{
	int r = 0;

	for (enum facet i = 0; i < FACETS && !r; i++) {
		struct facet_value old = { "" }, new = { "" };

		if (before)
			old = value_of(before, i);
		if (after)
			new = value_of(after, i);
		if (before && after && !strcmp(old.text, new.text))
			continue;
		if (before)
			r = change(db, list, facet_names[i], old.text, -1, err);
		if (after && !r)
			r = change(db, list, facet_names[i], new.text, 1, err);
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
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(pairs[i][0], pairs[i][1]) != 0)
			return false;
	return a->level == b->level && a->newest == b->newest && a->behind == b->behind &&
	       a->cve_set == b->cve_set && a->cves_open == b->cves_open &&
	       a->containers == b->containers && a->audit_score == b->audit_score;
}
