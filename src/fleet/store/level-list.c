/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/level-list.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/store/rows.h"
#include "trust/levels.h"

static const struct db_statement forget = { "levels: forget",
					    "DELETE FROM levels WHERE build_id = $1", NULL };

static const struct db_statement insert = {
	"levels: add",
	"INSERT INTO levels (build_id, level, channel, since_s, effective, withdrawn, held, cves) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	NULL
};

/* The row of channel "" is the first of each level. */
static const struct db_statement list = {
	"levels: list",
	"SELECT build_id, level, channel, since_s, effective, withdrawn, held, cves FROM levels "
	"WHERE $1 = '' OR build_id = $1 ORDER BY build_id, level DESC, channel",
	"SELECT build_id, level, channel, since_s, effective, withdrawn, held, cves FROM levels "
	"WHERE $1::text = '' OR build_id = $1 ORDER BY build_id, level DESC, channel COLLATE \"C\""
};

/* A kernel is of one architecture, so any host that has it tells. */
static const struct db_statement kernels = {
	"levels: kernels",
	"SELECT c.value, (SELECT h.arch FROM hosts h WHERE h.build_id = c.value LIMIT 1) "
	"FROM host_counts c WHERE c.facet = 'build_id' AND c.value <> ''",
	"SELECT c.value, (SELECT h.arch FROM hosts h WHERE h.build_id = c.value LIMIT 1) "
	"FROM (SELECT value FROM host_counts WHERE facet = 'build_id' UNION SELECT value FROM "
	"host_count_changes WHERE facet = 'build_id') c WHERE c.value <> ''"
};

/* Ids of what a level fixes. */
static json_t *cves_of(const struct levels *l, uint32_t level)
{
	json_t *cves = json_array();

	for (size_t i = 0; i < l->n_fixes; i++)
		if (levels_fix_in(&l->fixes[i], level))
			(void)json_array_extend(cves, (json_t *)(uintptr_t)l->fixes[i].cve);
	return cves;
}

static int store_row(struct db *db, const char *build_id, const struct levels_entry *e,
		     const char *channel, const char *cves, struct oak_error *err)
{
	const struct db_value args[] = {
		db_text(build_id),
		db_int(e->level),
		db_text(channel),
		db_int(levels_since(e, channel[0] ? channel : NULL)),
		db_text(e->effective_version ? e->effective_version : ""),
		db_text(e->withdrawn_why),
		db_text(e->held_why),
		db_text(cves),
	};

	return rows_run(db, &insert, args, 8, err);
}

static int store_level(struct db *db, const char *build_id, const struct levels *l,
		       const struct levels_entry *e, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *ids = cves_of(l, e->level);
	_cleanup_(freep) char *cves = json_dumps(ids, JSON_COMPACT);
	const json_t *word;
	size_t i;
	int r = cves ? store_row(db, build_id, e, "", cves, err)
		     : oak_fail(err, OAK_E_NOMEM, "out of memory");

	json_array_foreach(e->channels, i, word) if (r == 0)
		r = store_row(db, build_id, e, json_string_value(word), "[]", err);
	return r;
}

int level_list_store(struct db *db, const char *build_id, const struct levels *l,
		     struct oak_error *err)
{
	const struct db_value arg = db_text(build_id);
	int r = rows_run(db, &forget, &arg, 1, err);

	for (size_t i = 0; r == 0 && l && i < l->n; i++)
		r = store_level(db, build_id, l, &l->entries[i], err);
	return r;
}

static json_t *text_or_null(const struct db_row *row, int column)
{
	return db_row_is_null(row, column) ? json_null() : json_string(db_row_text(row, column));
}

static int take_row(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *array = ctx, *last = json_array_get(array, json_array_size(array) - 1);
	json_t *cves = NULL;
	int r;

	if (db_row_text(row, 2)[0]) {
		(void)json_object_set_new(json_object_get(last, "channels"), db_row_text(row, 2),
					  rows_time(db_row_int(row, 3)));
		return 0;
	}
	r = rows_json(row, 7, &cves, err);
	if (r < 0)
		return r;
	return rows_append(array,
			   json_pack("{s:s, s:I, s:{}, s:o, s:s, s:o, s:o, s:o}", "build_id",
				     db_row_text(row, 0), "level", (json_int_t)db_row_int(row, 1),
				     "channels", "published", rows_time(db_row_int(row, 3)),
				     "effective", db_row_text(row, 4), "withdrawn",
				     text_or_null(row, 5), "held", text_or_null(row, 6), "cves",
				     cves),
			   err);
}

int level_list_read(struct db *db, const char *build_id, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *array = json_array();
	const struct db_value arg = db_text(build_id ? build_id : "");
	int64_t n;

	if (!array)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &list, &arg, 1, take_row, array, err);
	if (n < 0)
		return (int)n;
	*ret = take_ptr(array);
	return 0;
}

static int take_kernel(void *ctx, const struct db_row *row, struct oak_error *err)
{
	if (db_row_is_null(row, 1))
		return 0; /* a kernel that no host has any more */
	return rows_append(ctx,
			   json_pack("{s:s, s:s}", "build_id", db_row_text(row, 0), "arch",
				     db_row_text(row, 1)),
			   err);
}

int level_list_kernels(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *array = json_array();
	int64_t n;

	if (!array)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &kernels, NULL, 0, take_kernel, array, err);
	if (n < 0)
		return (int)n;
	*ret = take_ptr(array);
	return 0;
}
