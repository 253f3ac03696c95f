/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/hosts.h"

#include <string.h>

#include "fleet/store/facts.h"
#include "fleet/store/host-json.h"
#include "fleet/store/host-tags.h"
#include "fleet/store/rows.h"
#include "fleet/store/tags.h"

static const struct db_statement find = {
	"hosts: find",
	"SELECT name, ring, key, sequence, report_sha256, enrolled_s, seen_s, revoked_s, cloned,"
	" build_id, machine, tags FROM hosts WHERE id = $1",
	NULL
};
static const struct db_statement get = {
	"hosts: get",
	"SELECT " HOST_JSON_COLUMNS
	", document FROM hosts LEFT JOIN reports ON reports.host = hosts.n"
	" WHERE id = $1",
	NULL
};
static const struct db_statement history = {
	"hosts: history",
	"SELECT at_s, sequence, build_id, release, level, newest, state, verdict, cves_open,"
	" audit_score, boot FROM history WHERE host = (SELECT n FROM hosts WHERE id = $1)"
	" ORDER BY at_s DESC, sequence DESC LIMIT $2",
	NULL
};
static const struct db_statement counts = {
	"hosts: counts",
	"SELECT facet, value, n FROM host_counts WHERE (facet < '" FACET_HIDDEN
	"' OR facet = '" FACET_OPEN "') AND n <> 0 ORDER BY facet, value",
	"SELECT facet, value, SUM(n)::BIGINT AS sum FROM"
	" (SELECT facet, value, n FROM host_counts UNION ALL"
	" SELECT facet, value, n FROM host_count_changes) AS both_of_them"
	" WHERE facet < '" FACET_HIDDEN "' OR facet = '" FACET_OPEN
	"' GROUP BY facet, value HAVING SUM(n) <> 0 ORDER BY facet, value"
};
static const struct db_statement silent = {
	"hosts: silent", "SELECT COUNT(*) FROM hosts WHERE seen_s < $1 AND revoked_s = 0", NULL
};
static const struct db_statement each_host = {
	"hosts: each",
	"SELECT id, ring, build_id, os_id, os_version, tags FROM hosts WHERE revoked_s = 0 ORDER BY n",
	NULL
};
static const struct db_statement lock_host = {
	"hosts: lock", "SELECT n, tags, revoked_s, " FACTS_COLUMNS " FROM hosts WHERE id = $1",
	"SELECT n, tags, revoked_s, " FACTS_COLUMNS " FROM hosts WHERE id = $1 FOR UPDATE"
};
static const struct db_statement set_ring = { "hosts: ring",
					      "UPDATE hosts SET ring = $2 WHERE n = $1", NULL };
static const struct db_statement set_tags = {
	"hosts: tags", "UPDATE hosts SET tags = $2, fixed_tags = $2, own_tags = 0 WHERE n = $1", NULL
};
static const struct db_statement set_revoked = { "hosts: revoke",
						 "UPDATE hosts SET revoked_s = $2 WHERE n = $1",
						 NULL };
static const struct db_statement set_trusted = { "hosts: trust",
						 "UPDATE hosts SET cloned = 0 WHERE id = $1",
						 NULL };

static int not_found(const char *id, struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOTFOUND, "there is no host %.64s", id);
}

static int take_host(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct store_host *h = ctx;
	size_t len = 0;
	const void *key = db_row_blob(row, 2, &len);

	if (len != sizeof(h->key))
		return oak_fail(err, OAK_E_FORMAT, "database: a host's key has %zu bytes", len);
	memcpy(h->key, key, len);
	rows_copy(h->name, row, 0);
	rows_copy(h->ring, row, 1);
	h->sequence = (uint64_t)db_row_int(row, 3);
	rows_copy(h->report_sha256, row, 4);
	h->enrolled_s = db_row_int(row, 5);
	h->seen_s = db_row_int(row, 6);
	h->revoked = db_row_int(row, 7) != 0;
	h->cloned = db_row_int(row, 8) != 0;
	rows_copy(h->build_id, row, 9);
	rows_copy(h->machine, row, 10);
	rows_copy(h->tags, row, 11);
	return 1;
}

int hosts_find(struct db *db, const char *id, struct store_host *ret, struct oak_error *err)
{
	struct store_host h = { .sequence = 0 };
	int64_t r = db_query(db, &find, (const struct db_value[]){ db_text(id) }, 1, take_host, &h,
			     err);

	if (!r)
		return not_found(id, err);
	if (r < 0)
		return (int)r;
	(void)snprintf(h.id, sizeof(h.id), "%s", id);
	*ret = h;
	return 0;
}

static int take_get(void *ctx, const struct db_row *row, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *host = host_json(row, 0);
	json_t *report = NULL;
	int r = 0;

	if (!db_row_is_null(row, HOST_JSON_COUNT))
		r = rows_json(row, HOST_JSON_COUNT, &report, err);
	if (r < 0)
		return r;
	if (!host || json_object_set_new(host, "report", report ? report : json_null()))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*(json_t **)ctx = take_ptr(host);
	return 1;
}

int hosts_get(struct db *db, const char *id, json_t **ret, struct oak_error *err)
{
	json_t *host = NULL;
	int64_t r = db_query(db, &get, (const struct db_value[]){ db_text(id) }, 1, take_get, &host,
			     err);

	if (!r)
		return not_found(id, err);
	if (r < 0)
		return (int)r;
	*ret = host;
	return 0;
}

static int list_history(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx,
			   json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:o, s:s}",
				     "at", (json_int_t)db_row_int(row, 0), "sequence",
				     (json_int_t)db_row_int(row, 1), "build_id",
				     db_row_text(row, 2), "release", db_row_text(row, 3), "level",
				     (json_int_t)db_row_int(row, 4), "newest",
				     (json_int_t)db_row_int(row, 5), "state", db_row_text(row, 6),
				     "verdict", db_row_text(row, 7), "cves_open",
				     host_json_number(db_row_int(row, 8)), "audit_score",
				     host_json_number(db_row_int(row, 9)), "boot",
				     db_row_text(row, 10)),
			   err);
}

int hosts_history(struct db *db, const char *id, unsigned max, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const struct db_value args[] = { db_text(id), db_int(max) };
	int64_t r = list ? db_query(db, &history, args, 2, list_history, list, err)
			 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return (int)r;
	*ret = take_ptr(list);
	return 0;
}

struct counting {
	json_t *by, *open;
	json_int_t total; /* each host is in one ring */
};

static int take_count(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct counting *c = ctx;
	const char *facet = db_row_text(row, 0), *value = db_row_text(row, 1);
	json_t *values = json_object_get(c->by, facet);
	int64_t n = db_row_int(row, 2);

	if (!strcmp(facet, FACET_OPEN))
		values = c->open;
	if (!strcmp(facet, "ring"))
		c->total += n;
	if (!values) {
		values = json_object();
		if (!values || json_object_set_new(c->by, facet, values))
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	/* What was enrolled, and has not reported yet. */
	if (json_object_set_new(values, value[0] ? value : "unknown", json_integer(n)))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int hosts_counts(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *by = json_pack("{s:{}, s:{}, s:{}, s:{}, s:{}, s:{}}", "ring", "level",
				       "state", "release", "verdict", "tag");
	_cleanup_(json_decrefp)
		json_t *open = json_pack("{s:i, s:i, s:i, s:i, s:i}", "critical", 0, "high", 0,
					 "medium", 0, "low", 0, "unknown", 0);
	struct counting c = { .by = by, .open = open };
	int64_t r = by && open ? db_query(db, &counts, NULL, 0, take_count, &c, err)
			       : oak_fail(err, OAK_E_NOMEM, "out of memory");
	json_t *all;

	if (r < 0)
		return (int)r;
	all = json_pack("{s:I, s:O, s:O}", "total", c.total, "by", by, "open", open);
	if (!all)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = all;
	return 0;
}

int hosts_silent(struct db *db, int64_t before_s, int64_t *ret, struct oak_error *err)
{
	int64_t n = 0, r = db_query(db, &silent, (const struct db_value[]){ db_int(before_s) }, 1,
				    rows_int, &n, err);

	if (r < 0)
		return (int)r;
	*ret = n;
	return 0;
}

struct locked {
	int64_t n;
	char *tags;
	bool revoked;
	struct host_facts facts;
};

static void locked_clear(struct locked *l)
{
	free(l->tags);
}

static int take_locked(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct locked *l = ctx;

	l->n = db_row_int(row, 0);
	l->tags = strdup(db_row_text(row, 1));
	l->revoked = db_row_int(row, 2) != 0;
	(void)facts_read(row, 3, &l->facts);
	return l->tags ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int lock(struct db *db, const char *id, struct locked *ret, struct oak_error *err)
{
	int64_t r = db_query(db, &lock_host, (const struct db_value[]){ db_text(id) }, 1,
			     take_locked, ret, err);

	if (!r)
		return not_found(id, err);
	return r < 0 ? (int)r : 0;
}

static int change_ring(struct db *db, const struct locked *l, const char *ring,
		       struct oak_error *err)
{
	struct host_facts after = l->facts;
	int r;

	if (!ring_is_good(ring))
		return oak_fail(err, OAK_E_FORMAT,
				"ring: not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\"");
	(void)snprintf(after.ring, sizeof(after.ring), "%s", ring);
	r = rows_run(db, &set_ring, (const struct db_value[]){ db_int(l->n), db_text(ring) }, 2,
		     err);
	if (!r && !l->revoked)
		r = facts_count(db, &l->facts, &after, err);
	return r;
}

static int change_tags(struct db *db, const struct locked *l, const json_t *tags,
		       struct oak_error *err)
{
	_cleanup_(freep) char *words = NULL;
	int r = tags_from_json(tags, &words, err);

	if (!r)
		r = rows_run(db, &set_tags,
			     (const struct db_value[]){ db_int(l->n), db_text(words) }, 2, err);
	if (!r && !l->revoked)
		r = host_tags_change(db, l->n, l->tags, words, err);
	return r;
}

int hosts_change(struct db *db, const char *id, const char *ring, const json_t *tags,
		 struct oak_error *err)
{
	_cleanup_(locked_clear) struct locked l = { .n = 0 };
	int r = lock(db, id, &l, err);

	if (!r && ring)
		r = change_ring(db, &l, ring, err);
	if (!r && tags)
		r = change_tags(db, &l, tags, err);
	return r;
}

int hosts_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
{
	_cleanup_(locked_clear) struct locked l = { .n = 0 };
	int r = lock(db, id, &l, err);

	if (r < 0 || l.revoked)
		return r;
	r = rows_run(db, &set_revoked, (const struct db_value[]){ db_int(l.n), db_int(now_s) }, 2,
		     err);
	if (!r)
		r = host_tags_change(db, l.n, l.tags, "", err);
	return r ? r : facts_count(db, &l.facts, NULL, err);
}

int hosts_trust_again(struct db *db, const char *id, struct oak_error *err)
{
	int64_t r = db_run(db, &set_trusted, (const struct db_value[]){ db_text(id) }, 1, err);

	return r ? (r < 0 ? (int)r : 0) : not_found(id, err);
}

struct visitor {
	int (*each)(void *ctx, const struct hosts_row *row, struct oak_error *err);
	void *ctx;
};

static int visit(void *ctx, const struct db_row *row, struct oak_error *err)
{
	const struct visitor *v = ctx;
	const struct hosts_row host = {
		.id = db_row_text(row, 0),
		.ring = db_row_text(row, 1),
		.build_id = db_row_text(row, 2),
		.os_id = db_row_text(row, 3),
		.os_version = db_row_text(row, 4),
		.tags = db_row_text(row, 5),
	};

	return v->each(v->ctx, &host, err);
}

int hosts_each(struct db *db,
	       int (*each)(void *ctx, const struct hosts_row *row, struct oak_error *err),
	       void *ctx, struct oak_error *err)
{
	struct visitor v = { each, ctx };
	int64_t r = db_query(db, &each_host, NULL, 0, visit, &v, err);

	return r < 0 ? (int)r : 0;
}
