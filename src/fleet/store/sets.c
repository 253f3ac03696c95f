/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "fleet/store/facts.h"
#include "fleet/store/rows.h"
#include "trust/fleet/report-cves.h"

#define NAMED_MAX 32 /* of a set that is named one by one */
#define LINE_MAX_ ((size_t)3 * REPORT_WORD_MAX)

static const struct db_statement add_head = {
	"sets: head", "INSERT INTO set_heads (kind, number) VALUES ($1, $2) ON CONFLICT DO NOTHING",
	NULL
};
static const struct db_statement add_cve = {
	"sets: cve",
	"INSERT INTO cve_sets (cve, cve_set, severity, reach) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (cve, cve_set) DO UPDATE SET reach = excluded.reach,"
	" severity = CASE WHEN excluded.severity > cve_sets.severity THEN excluded.severity"
	" ELSE cve_sets.severity END",
	NULL
};
static const struct db_statement add_finding = {
	"sets: finding",
	"INSERT INTO finding_sets (finding, finding_set, severity) VALUES ($1, $2, $3)"
	" ON CONFLICT DO NOTHING",
	NULL
};
/* Whoever is about to use a set that nobody has waits, and then writes it again. */
static const struct db_statement lock_sets = {
	"sets: lock", "SELECT 1 WHERE 1 = 0",
	"LOCK TABLE set_heads, cve_sets, finding_sets IN SHARE ROW EXCLUSIVE MODE"
};
static const struct db_statement drop_cves = {
	"sets: drop cves",
	"DELETE FROM cve_sets WHERE NOT EXISTS"
	" (SELECT 1 FROM hosts WHERE hosts.cve_set = cve_sets.cve_set)",
	NULL
};
static const struct db_statement drop_findings = {
	"sets: drop findings",
	"DELETE FROM finding_sets WHERE NOT EXISTS"
	" (SELECT 1 FROM hosts WHERE hosts.finding_set = finding_sets.finding_set)",
	NULL
};
static const struct db_statement drop_heads = {
	"sets: drop heads",
	"DELETE FROM set_heads WHERE"
	" (kind = 'cve' AND NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.cve_set = set_heads.number))"
	" OR (kind = 'finding' AND NOT EXISTS"
	" (SELECT 1 FROM hosts WHERE hosts.finding_set = set_heads.number))",
	NULL
};
static const struct db_statement drop_counts = {
	"sets: drop counts", "DELETE FROM host_counts WHERE facet >= '" FACET_HIDDEN "' AND n = 0",
	NULL
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* 62 bits. Two sets with one number are one set, of both. */
static int64_t number_of(const struct buf *text)
{
	char hex[SHA256_HEX_MAX];
	uint8_t bytes[8] = { 0 };
	uint64_t number = 0;

	if (!text->len)
		return 0;
	sha256_hex(text->data, text->len, hex);
	hex[16] = '\0';
	if (hex_decode(hex, bytes, sizeof(bytes)) != sizeof(bytes))
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	return (int64_t)(number >> 2) | 1;
}

/* Objects of @list, whatever their order: of each the words @keys. */
static int add_named(struct buf *text, const json_t *list, const char *const keys[3])
{
	char lines[NAMED_MAX][LINE_MAX_] = { "" };
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < json_array_size(list) && n < NAMED_MAX; i++) {
		const json_t *one = json_array_get(list, i);
		const char *words[3];

		for (size_t k = 0; k < 3; k++)
			words[k] = keys[k] ? json_get_str(one, keys[k]) : NULL;
		if (words[0] && strlen(words[0]) < REPORT_WORD_MAX)
			(void)snprintf(lines[n++], LINE_MAX_, "%s %.63s %.63s", words[0],
				       words[1] ? words[1] : "", words[2] ? words[2] : "");
	}
	qsort(lines, n, LINE_MAX_, compare);
	for (size_t i = 0; i < n && r == 0; i++)
		r = buf_printf(text, "%s\n", lines[i]);
	return r;
}

/* Out of memory is as a set that nobody named: its host is asked again with its next report. */
int64_t sets_number_cves(const struct report *r)
{
	static const char *const keys[3] = { "id", "severity", "reach" };
	const json_t *cves = json_object_get(r->json, "cves");
	_cleanup_(freep) char *all = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };

	if (r->cves_all && r->cves_open > 0)
		all = json_dumps(json_object_get(cves, "all"), JSON_COMPACT | JSON_SORT_KEYS);
	if (all && buf_add_str(&text, all) < 0)
		return 0;
	return add_named(&text, json_object_get(cves, "worst"), keys) < 0 ? 0 : number_of(&text);
}

int64_t sets_number_findings(const struct report *r)
{
	static const char *const keys[3] = { "id", "severity", NULL };
	const json_t *audit = json_object_get(r->json, "audit");
	_cleanup_(buf_free) struct buf text = { 0 };

	return add_named(&text, json_object_get(audit, "findings"), keys) < 0 ? 0
									      : number_of(&text);
}

/* Return: 1: nobody has written it yet. */
static int64_t is_new(struct db *db, const char *kind, int64_t number, struct oak_error *err)
{
	return db_run(db, &add_head, (const struct db_value[]){ db_text(kind), db_int(number) }, 2,
		      err);
}

struct keeping {
	struct db *db;
	int64_t number;
};

static int keep_cve(void *ctx, const struct report_cve *cve, struct oak_error *err)
{
	const struct keeping *k = ctx;

	return rows_run(k->db, &add_cve,
			(const struct db_value[]){ db_text(cve->id), db_int(k->number),
						   db_int(cve->severity), db_int(cve->reach) },
			4, err);
}

int sets_keep_cves(struct db *db, const struct report *r, int64_t number, struct oak_error *err)
{
	struct keeping k = { db, number };
	int64_t n = is_new(db, "cve", number, err);

	return n <= 0 ? (int)n : report_cves_each(r, keep_cve, &k, err);
}

int sets_keep_findings(struct db *db, const struct report *r, int64_t number, struct oak_error *err)
{
	const json_t *list = json_object_get(json_object_get(r->json, "audit"), "findings");
	int64_t n = is_new(db, "finding", number, err);

	for (size_t i = 0; i < json_array_size(list) && n > 0; i++) {
		const json_t *one = json_array_get(list, i);
		const struct db_value args[] = { db_text(json_get_str(one, "id")), db_int(number),
						 db_int(report_severity_parse(
							 json_get_str(one, "severity"))) };

		if (rows_run(db, &add_finding, args, 3, err) < 0)
			return -(int)err->code;
	}
	return n < 0 ? (int)n : 0;
}

int sets_tidy(struct db *db, struct oak_error *err)
{
	static const struct db_statement *const drops[] = { &drop_cves, &drop_findings, &drop_heads,
							    &drop_counts };
	int64_t r = db_begin(db, err);

	if (r >= 0)
		r = db_query(db, &lock_sets, NULL, 0, rows_ignore, NULL, err);
	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]) && r >= 0; i++)
		r = db_run(db, drops[i], NULL, 0, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}
