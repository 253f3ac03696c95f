/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/matrix.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "fleet/store/facts.h"
#include "fleet/store/level-list.h"
#include "fleet/store/rows.h"

static const struct db_statement cells = {
	"matrix: cells",
	"SELECT value, n FROM host_counts WHERE facet = '" FACET_MATRIX
	"' AND n <> 0 ORDER BY value",
	"SELECT value, CAST(SUM(n) AS BIGINT) FROM (SELECT facet, value, n FROM host_counts UNION ALL"
	" SELECT facet, value, n FROM host_count_changes) AS c WHERE facet = '" FACET_MATRIX "'"
	" GROUP BY value HAVING SUM(n) <> 0 ORDER BY value"
};
static const struct db_statement releases = {
	"matrix: releases",
	"SELECT c.value, (SELECT h.release FROM hosts h WHERE h.build_id = c.value LIMIT 1)"
	" FROM host_counts c WHERE c.facet = 'build_id' AND c.value <> '' AND c.n > 0",
	"SELECT c.value, (SELECT h.release FROM hosts h WHERE h.build_id = c.value LIMIT 1)"
	" FROM (SELECT value FROM host_counts WHERE facet = 'build_id' UNION SELECT value FROM"
	" host_count_changes WHERE facet = 'build_id') c WHERE c.value <> ''"
};

struct matrix {
	json_t *rows;     /* by "<build-id>/<level>", with leading zeros */
	json_t *rings;    /* as keys */
	json_t *releases; /* by build-id */
};

static void matrix_clear(struct matrix *m)
{
	json_decref(m->rows);
	json_decref(m->rings);
	json_decref(m->releases);
}

static json_t *row_of(struct matrix *m, const char *build_id, int64_t level)
{
	const char *release = json_string_value(json_object_get(m->releases, build_id));
	char key[REPORT_WORD_MAX + 24];
	json_t *row;

	/* The newest first: keys are sorted. */
	(void)snprintf(key, sizeof(key), "%.63s/%019" PRId64, build_id, INT64_MAX - level);
	row = json_object_get(m->rows, key);
	if (row)
		return row;
	row = json_pack("{s:s, s:s, s:I, s:i, s:n, s:s, s:n, s:n, s:i, s:{}}", "build_id", build_id,
			"release", release ? release : "", "level", (json_int_t)level, "hosts", 0,
			"published", "effective", "", "withdrawn", "held", "cves", 0, "rings");
	return json_object_set_new(m->rows, key, row) < 0 ? NULL : row;
}

/* "<ring>/<build-id>/<level>/<state>" in four; false: it is not one of ours. */
static bool split(char *value, char *ret[4])
{
	for (size_t i = 0; i < 4; i++)
		if (!(ret[i] = strsep(&value, "/")))
			return false;
	return !value;
}

static int64_t level_of(const char *text)
{
	int64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n < INT32_MAX; text++)
		n = 10 * n + (*text - '0');
	return n;
}

static int take_cell(void *ctx, const struct db_row *row, struct oak_error *err)
{
	_cleanup_(freep) char *value = strdup(db_row_text(row, 0));
	struct matrix *m = ctx;
	json_int_t n = db_row_int(row, 1);
	json_t *at, *ring;
	char *parts[4];

	if (!value)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!split(value, parts))
		return 0;
	at = row_of(m, parts[1], level_of(parts[2]));
	ring = json_object_get(json_object_get(at, "rings"), parts[0]);
	if (!ring) {
		ring = json_object();
		if (json_object_set_new(json_object_get(at, "rings"), parts[0], ring) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	n += json_integer_value(json_object_get(at, "hosts"));
	if (json_object_set_new(ring, parts[3], json_integer(db_row_int(row, 1))) < 0 ||
	    json_object_set_new(at, "hosts", json_integer(n)) < 0 ||
	    json_object_set_new(m->rings, parts[0], json_true()) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int take_release(void *ctx, const struct db_row *row, struct oak_error *err)
{
	if (json_object_set_new(ctx, db_row_text(row, 0), json_string(db_row_text(row, 1))) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* What the repository says of its levels. */
static int add_levels(struct db *db, struct matrix *m, struct oak_error *err)
{
	static const char *const members[] = { "published", "effective", "withdrawn", "held" };
	_cleanup_(json_decrefp) json_t *levels = NULL;
	const json_t *level;
	size_t i;
	int r = level_list_read(db, NULL, &levels, err);

	json_array_foreach(levels, i, level)
	{
		json_t *row = row_of(m, json_get_str(level, "build_id"),
				     json_integer_value(json_object_get(level, "level")));
		size_t cves = json_array_size(json_object_get(level, "cves"));

		if (json_object_set_new(row, "cves", json_integer((json_int_t)cves)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
			(void)json_object_set(row, members[k], json_object_get(level, members[k]));
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keys in order, or what stands at them. */
static int sorted(json_t *object, bool keys, json_t **ret, struct oak_error *err)
{
	size_t n = 0, size = json_object_size(object);
	_cleanup_(freep) const char **names = calloc(size + 1, sizeof(*names));
	_cleanup_(json_decrefp) json_t *list = json_array();
	const char *key;
	json_t *value;
	int r = names && list ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return r;
	json_object_foreach(object, key, value) names[n++] = key;
	qsort(names, n, sizeof(names[0]), compare);
	for (size_t i = 0; i < n && r == 0; i++)
		r = rows_append(list,
				keys ? json_string(names[i])
				     : json_incref(json_object_get(object, names[i])),
				err);
	if (r == 0)
		*ret = take_ptr(list);
	return r;
}

int matrix_read(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(matrix_clear) struct matrix m = { json_object(), json_object(), json_object() };
	_cleanup_(json_decrefp) json_t *rings = NULL, *rows = NULL;
	int64_t r = m.rows && m.rings && m.releases ? 0
						    : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r >= 0)
		r = db_query(db, &releases, NULL, 0, take_release, m.releases, err);
	if (r >= 0)
		r = db_query(db, &cells, NULL, 0, take_cell, &m, err);
	if (r >= 0)
		r = add_levels(db, &m, err);
	if (r >= 0)
		r = sorted(m.rings, true, &rings, err);
	if (r >= 0)
		r = sorted(m.rows, false, &rows, err);
	if (r < 0)
		return (int)r;
	*ret = json_pack("{s:O, s:O}", "rings", rings, "rows", rows);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
