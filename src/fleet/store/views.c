/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/views.h"

#include <sodium.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "fleet/store/rows.h"

#define ID_BYTES 8

static const struct db_statement list = {
	"views: list",
	"SELECT id, name, page, query, created_s FROM saved_views WHERE owner = $1"
	" AND (CAST($2 AS TEXT) IS NULL OR page = $2) ORDER BY page, name",
	NULL
};
static const struct db_statement one = {
	"views: one",
	"SELECT id, name, page, query, created_s FROM saved_views WHERE owner = $1 AND page = $2"
	" AND name = $3",
	NULL
};
static const struct db_statement count = { "views: count",
					   "SELECT COUNT(*) FROM saved_views WHERE owner = $1",
					   NULL };
static const struct db_statement save = {
	"views: save",
	"INSERT INTO saved_views (id, owner, name, page, query, created_s)"
	" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, page, name)"
	" DO UPDATE SET query = excluded.query",
	NULL
};
static const struct db_statement delete = { "views: delete",
					    "DELETE FROM saved_views WHERE owner = $1 AND id = $2",
					    NULL };

static int take(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx,
			   json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", db_row_text(row, 0), "name",
				     db_row_text(row, 1), "page", db_row_text(row, 2), "query",
				     db_row_text(row, 3), "created", rows_time(db_row_int(row, 4))),
			   err);
}

int view_list(struct db *db, const char *owner, const char *page, json_t **ret,
	      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *views = json_array();
	const struct db_value args[] = { db_text(owner), db_text(page) };
	int64_t n = views ? db_query(db, &list, args, 2, take, views, err)
			  : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (n < 0)
		return (int)n;
	*ret = take_ptr(views);
	return 0;
}

static int find(struct db *db, const struct view_new *v, json_t *views, struct oak_error *err)
{
	const struct db_value args[] = { db_text(v->owner), db_text(v->page), db_text(v->name) };
	int64_t n = db_query(db, &one, args, 3, take, views, err);

	return n < 0 ? (int)n : 0;
}

int view_save(struct db *db, const struct view_new *v, int64_t now_s, json_t **ret,
	      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *before = json_array(), *after = json_array();
	const struct db_value owner = db_text(v->owner);
	char id[2 * ID_BYTES + 1];
	uint8_t bytes[ID_BYTES];
	int64_t n = 0, r = before && after ? find(db, v, before, err)
					   : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r >= 0)
		r = db_query(db, &count, &owner, 1, rows_int, &n, err);
	if (r < 0)
		return (int)r;
	if (n >= VIEWS_MAX && !json_array_size(before))
		return oak_fail(err, OAK_E_REFUSED, "%d views are kept: delete one first",
				VIEWS_MAX);
	randombytes_buf(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), id);
	r = rows_run(db, &save,
		     (const struct db_value[]){ db_text(id), owner, db_text(v->name),
						db_text(v->page), db_text(v->query), db_int(now_s) },
		     6, err);
	if (r >= 0)
		r = find(db, v, after, err);
	if (r < 0)
		return (int)r;
	*ret = json_incref(json_array_get(after, 0));
	return 0;
}

int view_delete(struct db *db, const char *owner, const char *id, struct oak_error *err)
{
	const struct db_value args[] = { db_text(owner), db_text(id) };
	int64_t n = db_run(db, &delete, args, 2, err);

	if (!n)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such view of yours");
	return n < 0 ? (int)n : 0;
}
