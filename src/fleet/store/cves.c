/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/cves.h"

#include <string.h>

#include "base/json.h"
#include "fleet/store/cursor.h"
#include "fleet/store/facts.h"
#include "fleet/store/rows.h"
#include "trust/fleet/report-cves.h"

#define LIMIT_MAX 1000

/* $1: severity or -1; $2: text for LIKE; $3: closed; $4, $5: after; $6: limit */
#define PAGE(order, after)                                                                      \
	"SELECT cve, severity, reach, hosts, containers, first_s, closed_s FROM cves"           \
	" WHERE (CAST($1 AS BIGINT) < 0 OR severity = $1) AND lower(cve) LIKE $2 ESCAPE '!'"    \
	" AND (hosts = 0) = (CAST($3 AS BIGINT) = 1) AND (CAST($4 AS BIGINT) < 0 OR " after ")" \
	" ORDER BY " order " LIMIT $6"

static const struct {
	const char *name;
	char letter;
	struct db_statement page;
} sorts[] = {
	{ "severity",
	  's',
	  { "cves: by severity",
	    PAGE("severity DESC, cve DESC", "severity < $4 OR (severity = $4 AND cve < $5)"),
	    NULL } },
	{ "hosts",
	  'h',
	  { "cves: by hosts",
	    PAGE("hosts DESC, cve DESC", "hosts < $4 OR (hosts = $4 AND cve < $5)"), NULL } },
	{ "id", 'i', { "cves: by id", PAGE("cve DESC", "cve < $5"), NULL } },
};

static const struct db_statement open_by = {
	"cves: open", "SELECT severity, COUNT(*) FROM cves WHERE hosts > 0 GROUP BY severity", NULL
};
static const struct db_statement find = {
	"cves: find", "SELECT severity, reach, first_s FROM cves WHERE cve = $1", NULL
};
#define OF_SET(set, value) \
	value " >= CAST(" set " AS TEXT) || '/' AND " value " < CAST(" set " AS TEXT) || '0'"
#define COUNTS                                                                            \
	"(SELECT facet, value, n FROM host_counts UNION ALL SELECT facet, value, n FROM " \
	"host_count_changes)"
static const struct db_statement rings = {
	"cves: rings",
	"SELECT substr(c.value, instr(c.value, '/') + 1), SUM(c.n) FROM cve_sets s JOIN host_counts c"
	" ON c.facet = '" FACET_CVE_SET
	"' AND " OF_SET("s.cve_set",
			"c.value") " WHERE s.cve = $1 AND c.n <> 0 GROUP BY 1 ORDER BY 1",
	"SELECT substr(c.value, strpos(c.value, '/') + 1), CAST(SUM(c.n) AS BIGINT) FROM cve_sets s"
	" JOIN " COUNTS " AS c ON c.facet = '" FACET_CVE_SET
	"' AND " OF_SET("s.cve_set",
			"c.value") " WHERE s.cve = $1 GROUP BY 1 HAVING SUM(c.n) <> 0 ORDER BY 1"
};
static const struct db_statement boxes = {
	"cves: containers",
	"SELECT COALESCE(SUM(c.n), 0) FROM cve_sets s JOIN host_counts c"
	" ON c.facet = '" FACET_CVE_BOX "' AND c.value = CAST(s.cve_set AS TEXT) WHERE s.cve = $1",
	"SELECT CAST(COALESCE(SUM(c.n), 0) AS BIGINT) FROM cve_sets s JOIN " COUNTS " AS c"
	" ON c.facet = '" FACET_CVE_BOX "' AND c.value = CAST(s.cve_set AS TEXT) WHERE s.cve = $1"
};
/* $1: its id in quotes, as a JSON list has it. */
static const struct db_statement levels = {
	"cves: levels",
	"SELECT build_id, level, since_s, effective, withdrawn, held FROM levels"
	" WHERE channel = '' AND instr(cves, $1) > 0 ORDER BY build_id, level",
	"SELECT build_id, level, since_s, effective, withdrawn, held FROM levels"
	" WHERE channel = '' AND strpos(cves, $1) > 0 ORDER BY build_id COLLATE \"C\", level"
};
static const struct db_statement lists = {
	"cves: lists", "SELECT value, n FROM host_counts WHERE facet = 'cve_list'",
	"SELECT value, CAST(SUM(n) AS BIGINT) FROM " COUNTS
	" AS c WHERE facet = 'cve_list' GROUP BY value"
};
static const struct db_statement document = {
	"cves: report",
	"SELECT document FROM reports WHERE host = (SELECT n FROM hosts WHERE id = $1)", NULL
};

static json_t *severity_json(int64_t n)
{
	return json_string(report_severity_name((enum report_severity)n));
}

static json_t *reach_json(int64_t n)
{
	const char *name = report_reach_name((enum report_reach)n);

	return name ? json_string(name) : json_null();
}

struct listing {
	json_t *list;
	struct cursor last;
	bool by_hosts;
	unsigned limit;
	bool more;
};

static int take_cve(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct listing *l = ctx;

	if (json_array_size(l->list) == l->limit) {
		l->more = true;
		return 1;
	}
	l->last.number = db_row_int(row, l->by_hosts ? 3 : 1);
	rows_copy(l->last.text, row, 0);
	return rows_append(
		l->list,
		json_pack("{s:s, s:o, s:o, s:I, s:I, s:o, s:o}", "cve", db_row_text(row, 0),
			  "severity", severity_json(db_row_int(row, 1)), "reach",
			  reach_json(db_row_int(row, 2)), "hosts", (json_int_t)db_row_int(row, 3),
			  "containers", (json_int_t)db_row_int(row, 4), "first_seen",
			  rows_time(db_row_int(row, 5)), "closed", rows_time(db_row_int(row, 6))),
		err);
}

static int sort_of(const char *word, size_t *ret, struct oak_error *err)
{
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (!strcmp(word ? word : "severity", sorts[i].name)) {
			*ret = i;
			return 0;
		}
	return oak_fail(err, OAK_E_USAGE, "sort: not one of severity, hosts, id");
}

static int severity_of(const char *word, int64_t *ret, struct oak_error *err)
{
	*ret = word ? (int64_t)report_severity_parse(word) : -1;
	if (*ret == REPORT_SEVERITY_UNKNOWN && strcmp(word, "unknown") != 0)
		return oak_fail(err, OAK_E_USAGE,
				"severity: not one of critical, high, medium, low, unknown");
	return 0;
}

int cves_list(struct db *db, const struct cves_page *page, json_t **ret, char **ret_next,
	      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	struct listing l = { .list = list, .limit = page->limit };
	struct cursor after = { .number = -1 };
	char like[CURSOR_TEXT_MAX];
	int64_t severity = -1, n;
	size_t sort = 0;
	int r = list ? sort_of(page->sort, &sort, err)
		     : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (!r)
		r = severity_of(page->severity, &severity, err);
	if (!r && (page->limit < 1 || page->limit > LIMIT_MAX))
		r = oak_fail(err, OAK_E_USAGE, "limit: not 1 to %d", LIMIT_MAX);
	if (!r && page->after)
		r = cursor_read(page->after, sorts[sort].letter, &after, err);
	if (!r)
		r = rows_like(page->text, like, sizeof(like), err);
	if (r < 0)
		return r;
	l.by_hosts = sorts[sort].letter == 'h';
	n = db_query(db, &sorts[sort].page,
		     (const struct db_value[]){ db_int(severity), db_text(like),
						db_int(page->closed > 0), db_int(after.number),
						db_text(after.text), db_int(page->limit + 1) },
		     6, take_cve, &l, err);
	if (n < 0)
		return (int)n;
	l.last.order = sorts[sort].letter;
	*ret_next = l.more ? cursor_write(&l.last) : NULL;
	if (l.more && !*ret_next)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	return 0;
}

static int take_open(void *ctx, const struct db_row *row, struct oak_error *err)
{
	const char *name = report_severity_name((enum report_severity)db_row_int(row, 0));

	return json_object_set_new(ctx, name, json_integer(db_row_int(row, 1))) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

int cves_open(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *open = json_pack("{s:i, s:i, s:i, s:i, s:i}", "critical", 0, "high", 0,
					 "medium", 0, "low", 0, "unknown", 0);
	int64_t n = open ? db_query(db, &open_by, NULL, 0, take_open, open, err)
			 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (n < 0)
		return (int)n;
	*ret = take_ptr(open);
	return 0;
}

/* "CVE-2026-31431" */
static bool is_cve(const char *id)
{
	size_t digits;

	if (strncmp(id, "CVE-", 4) != 0 || strspn(id + 4, "0123456789") != 4 || id[8] != '-')
		return false;
	digits = strspn(id + 9, "0123456789");
	return digits >= 4 && digits <= 8 && !id[9 + digits];
}

static int take_found(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *cve = ctx;

	if (json_object_set_new(cve, "severity", severity_json(db_row_int(row, 0))) < 0 ||
	    json_object_set_new(cve, "reach", reach_json(db_row_int(row, 1))) < 0 ||
	    json_object_set_new(cve, "first_seen", rows_time(db_row_int(row, 2))) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 1;
}

static int take_ring(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *cve = ctx;
	json_int_t n = db_row_int(row, 1), all = json_integer_value(json_object_get(cve, "hosts"));

	if (json_object_set_new(json_object_get(cve, "rings"), db_row_text(row, 0),
				json_integer(n)) < 0 ||
	    json_object_set_new(cve, "hosts", json_integer(all + n)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static json_t *text_or_null(const struct db_row *row, int column)
{
	return db_row_is_null(row, column) ? json_null() : json_string(db_row_text(row, column));
}

static int take_level(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx,
			   json_pack("{s:s, s:I, s:o, s:s, s:o, s:o}", "build_id",
				     db_row_text(row, 0), "level", (json_int_t)db_row_int(row, 1),
				     "published", rows_time(db_row_int(row, 2)), "effective",
				     db_row_text(row, 3), "withdrawn", text_or_null(row, 4), "held",
				     text_or_null(row, 5)),
			   err);
}

int cves_get(struct db *db, const char *id, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *cve =
		json_pack("{s:s, s:s, s:n, s:n, s:i, s:{}, s:[]}", "cve", id, "severity", "unknown",
			  "reach", "first_seen", "hosts", 0, "rings", "levels");
	const struct db_value arg = db_text(id);
	char quoted[REPORT_WORD_MAX + 3];
	int64_t n, containers = 0;

	if (!cve) /* not UTF-8, too */
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such CVE");
	n = db_query(db, &find, &arg, 1, take_found, cve, err);
	if (!n && !is_cve(id))
		return oak_fail(err, OAK_E_NOTFOUND, "%.64s: no host ever named it", id);
	if (n >= 0)
		n = db_query(db, &rings, &arg, 1, take_ring, cve, err);
	if (n >= 0)
		n = db_query(db, &boxes, &arg, 1, rows_int, &containers, err);
	(void)snprintf(quoted, sizeof(quoted), "\"%.63s\"", id);
	if (n >= 0)
		n = db_query(db, &levels, (const struct db_value[]){ db_text(quoted) }, 1,
			     take_level, json_object_get(cve, "levels"), err);
	if (n >= 0 && json_object_set_new(cve, "containers", json_integer(containers)) < 0)
		n = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (n < 0)
		return (int)n;
	*ret = take_ptr(cve);
	return 0;
}

static int take_list(void *ctx, const struct db_row *row, struct oak_error *err)
{
	const char *value = db_row_text(row, 0);

	if (json_object_set_new(ctx, value[0] ? value : "none", json_integer(db_row_int(row, 1))) <
	    0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int cves_lists(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *all = json_pack("{s:i, s:i, s:i}", "all", 0, "worst", 0, "none", 0);
	int64_t n = all ? db_query(db, &lists, NULL, 0, take_list, all, err)
			: oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (n < 0)
		return (int)n;
	*ret = take_ptr(all);
	return 0;
}

static int take_document(void *ctx, const struct db_row *row, struct oak_error *err)
{
	int r = rows_json(row, 0, ctx, err);

	return r < 0 ? r : 1;
}

int cves_containers(struct db *db, const char *host, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *report = NULL;
	const struct db_value arg = db_text(host);
	int64_t n = db_query(db, &document, &arg, 1, take_document, &report, err);
	json_t *names;

	if (n < 0)
		return (int)n;
	names = json_object_get(json_object_get(report, "containers"), "names");
	*ret = names ? json_incref(names) : json_null();
	return 0;
}
