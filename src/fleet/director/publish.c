/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/director/publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "fleet/director/gates.h"
#include "fleet/director/memo.h"
#include "fleet/server-settings.h"
#include "fleet/store/event.h"
#include "fleet/store/rows.h"
#include "trust/fleet/decision.h"
#include "trust/key.h"

#define RINGS_MAX 1024

/* A ring that once had a decision keeps it: some host may still ask. */
static const struct db_statement rings = {
	"decisions: rings",
	"SELECT value FROM host_counts WHERE facet = 'ring' AND value <> '' UNION SELECT ring FROM "
	"enrol_tokens WHERE ring <> '' UNION SELECT ring FROM decisions UNION SELECT 'default'",
	"SELECT value FROM host_counts WHERE facet = 'ring' AND value <> '' UNION SELECT value FROM "
	"host_count_changes WHERE facet = 'ring' AND value <> '' UNION SELECT ring FROM "
	"enrol_tokens WHERE ring <> '' UNION SELECT ring FROM decisions UNION SELECT 'default'"
};

static const struct db_statement find = {
	"decisions: find",
	"SELECT version, issued_s, content, gates FROM decisions WHERE ring = $1", NULL
};

static const struct db_statement store = {
	"decisions: store",
	"INSERT INTO decisions (ring, version, issued_s, expires_s, content, gates, body) VALUES "
	"($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (ring) DO UPDATE SET version = excluded.version, "
	"issued_s = excluded.issued_s, expires_s = excluded.expires_s, content = excluded.content, "
	"gates = excluded.gates, body = excluded.body",
	NULL
};

static const struct db_statement versions = { "decisions: versions",
					      "SELECT ring, version, issued_s FROM decisions",
					      NULL };

static const struct db_statement body = { "decisions: body",
					  "SELECT version, body FROM decisions WHERE ring = $1",
					  NULL };

struct press {
	struct fleet *fleet;
	struct db *db;
	const struct rollout_rows *rows;
	json_t **gates; /* of each row, or NULL: it is not in decisions */
	const char *stop_why;
	int64_t now_s;
};

static void press_clear(struct press *p)
{
	for (size_t i = 0; p->gates && i < p->rows->n; i++)
		json_decref(p->gates[i]);
	free(p->gates);
}

/* Does it stand in decisions? From when its hosts are known, whatever comes of it. */
static bool is_told(const struct rollout_row *row)
{
	return row->live && row->assigned && row->state.phase >= ROLLOUT_RUNNING &&
	       row->state.phase <= ROLLOUT_COMPLETED;
}

static int make_gates(struct press *p, struct oak_error *err)
{
	p->gates = calloc(p->rows->n + 1, sizeof(json_t *));
	if (!p->gates)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < p->rows->n; i++) {
		int r = is_told(&p->rows->rows[i])
				? gates_json(p->db, &p->rows->rows[i], &p->gates[i], err)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_of_ring(const struct rollout_row *row, const char *ring)
{
	const json_t *list = row->doc.where[ROLLOUT_RINGS], *word;
	size_t i;

	json_array_foreach(list, i,
			   word) if (strcmp(json_string_value(word), ring) == 0) return true;
	return json_array_size(list) == 0;
}

static json_t *public_key(const struct tuf_key *key)
{
	_cleanup_(json_decrefp) json_t *json = tuf_key_json(key);

	return json_incref(json_object_get(json_object_get(json, "keyval"), "public"));
}

/* All but version and times. */
static json_t *make_body(const struct press *p, const char *ring)
{
	const struct server_settings *set = p->fleet->settings;
	json_t *list = json_array();

	for (size_t i = 0; i < p->rows->n; i++)
		if (p->gates[i] && is_of_ring(&p->rows->rows[i], ring))
			(void)json_array_append(list, p->gates[i]);
	return json_pack("{s:s, s:i, s:s, s:[o], s:I, s:I, s:o, s:s, s:o}", "_type", "decision",
			 "schema", 1, "ring", ring, "keys", public_key(p->fleet->key), "poll_s",
			 (json_int_t)set->poll_s, "report_s", (json_int_t)set->report_s, "stop",
			 p->stop_why[0] ? json_pack("{s:s}", "why", p->stop_why) : json_null(),
			 "unmanaged", set->unmanaged_free ? "free" : "hold", "rollouts", list);
}

/* @gates: with them, or without. */
static int hash_body(const json_t *json, bool gates, char ret[SHA256_HEX_MAX], struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *copy = json_deep_copy(json);
	_cleanup_(freep) char *text = NULL;
	json_t *rollout;
	size_t i;

	if (!gates)
		json_array_foreach(json_object_get(copy, "rollouts"), i, rollout)(void)
			json_object_del(rollout, "open");
	text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	sha256_hex(text, strlen(text), ret);
	return 0;
}

struct stored {
	int64_t version, issued_s;
	char content[SHA256_HEX_MAX], gates[SHA256_HEX_MAX];
};

static int take_stored(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct stored *s = ctx;

	s->version = db_row_int(row, 0);
	s->issued_s = db_row_int(row, 1);
	rows_copy(s->content, row, 2);
	rows_copy(s->gates, row, 3);
	return 0;
}

/* A clock that went back makes a decision of tomorrow, which is as good a reason for a new one. */
static bool is_due(const struct press *p, const struct stored *old, const struct stored *new)
{
	int64_t age = p->now_s - old->issued_s;
	const struct server_settings *set = p->fleet->settings;

	if (!old->version || strcmp(old->content, new->content) != 0)
		return true;
	if (age < 0 || age > (int64_t)set->decision_s / 4)
		return true;
	return strcmp(old->gates, new->gates) != 0 && age >= (int64_t)set->poll_s / 60;
}

static int sign_and_store(struct press *p, const char *ring, json_t *json, const struct stored *new,
			  struct oak_error *err)
{
	int64_t expires_s = new->issued_s + p->fleet->settings->decision_s;
	_cleanup_(freep) char *text = NULL;
	int r;

	if (json_object_set_new(json, "version", json_integer(new->version)) < 0 ||
	    json_object_set_new(json, "issued", json_integer(new->issued_s)) < 0 ||
	    json_object_set_new(json, "expires", json_integer(expires_s)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = decision_sign(json, p->fleet->key, &text, err);
	if (r < 0)
		return r;
	return rows_run(p->db, &store,
			(const struct db_value[]){ db_text(ring), db_int(new->version),
						   db_int(new->issued_s), db_int(expires_s),
						   db_text(new->content), db_text(new->gates),
						   db_text(text) },
			7, err);
}

static int tell(struct press *p, const char *ring, int64_t version, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *data = json_pack("{s:I}", "version", (json_int_t)version);
	const struct event event = {
		.type = "decision.published", .subject = ring, .data = data, .at_s = p->now_s
	};

	return data ? event_add(p->db, &event, err) : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int publish_ring(struct press *p, const char *ring, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = make_body(p, ring);
	const struct db_value arg = db_text(ring);
	struct stored old = { 0 }, new = { .issued_s = p->now_s };
	int64_t n;
	int r;

	if (!json)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = hash_body(json, false, new.content, err);
	if (r == 0)
		r = hash_body(json, true, new.gates, err);
	if (r < 0)
		return r;
	n = db_query(p->db, &find, &arg, 1, take_stored, &old, err);
	if (n < 0)
		return (int)n;
	if (!is_due(p, &old, &new))
		return 0;
	new.version = old.version + 1;
	r = sign_and_store(p, ring, json, &new, err);
	if (r == 0 && strcmp(old.content, new.content) != 0)
		r = tell(p, ring, new.version, err);
	return r < 0 ? oak_context(err, "decision of ring %s", ring) : 0;
}

static int take_ring(void *ctx, const struct db_row *row, struct oak_error *err)
{
	if (json_array_size(ctx) == RINGS_MAX)
		return 1;
	return rows_append(ctx, json_string(db_row_text(row, 0)), err);
}

int publish_decisions(struct fleet *fleet, struct db *db, const struct rollout_rows *rows,
		      const struct fleet_clock *clock, struct oak_error *err)
{
	_cleanup_(press_clear) struct press p = { .fleet = fleet,
						  .db = db,
						  .rows = rows,
						  .stop_why = clock->stop_why,
						  .now_s = clock->wall_s };
	_cleanup_(json_decrefp) json_t *names = json_array();
	const json_t *name;
	size_t i;
	int64_t n;
	int r;

	if (!names)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &rings, NULL, 0, take_ring, names, err);
	r = n < 0 ? (int)n : make_gates(&p, err);
	json_array_foreach(names, i, name) if (r == 0)
		r = publish_ring(&p, json_string_value(name), err);
	return r;
}

/* --- from the database to those who ask */

struct newer {
	struct fleet *fleet;
	json_t *names;
	int64_t oldest_s;
};

static int take_version(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct newer *n = ctx;
	const char *ring = db_row_text(row, 0);
	int64_t issued_s = db_row_int(row, 2);

	if (!n->oldest_s || issued_s < n->oldest_s)
		n->oldest_s = issued_s;
	if ((uint64_t)db_row_int(row, 1) == shelf_version(n->fleet->shelf, ring))
		return 0;
	return rows_append(n->names, json_string(ring), err);
}

struct fresh {
	uint64_t version;
	char *text;
};

static int take_body(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct fresh *f = ctx;

	f->version = (uint64_t)db_row_int(row, 0);
	f->text = strdup(db_row_text(row, 1));
	return f->text ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* The name of a file; a ring with another one is served from memory alone. */
static bool is_file_name(const char *ring)
{
	return ring[0] != '.' && strspn(ring, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789._-") == strlen(ring);
}

static int write_file(const struct fleet *fleet, const char *ring, const char *text,
		      struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL, *path = NULL;
	int r;

	if (!fleet->settings->data || !is_file_name(ring))
		return 0;
	if (asprintf(&dir, "%s/public/v1/decisions", fleet->settings->data) < 0 ||
	    asprintf(&path, "%s/%s.json", dir, ring) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = dir_make(AT_FDCWD, dir, err);
	return r < 0 ? r : file_write(AT_FDCWD, path, text, strlen(text), 0644, err);
}

/* Memory first: a disk that is full keeps no host from its decision. */
static int put(struct fleet *fleet, struct db *db, const char *ring, struct oak_error *err)
{
	const struct db_value arg = db_text(ring);
	_cleanup_(freep) char *copy = NULL;
	struct fresh f = { 0 };
	int64_t n = db_query(db, &body, &arg, 1, take_body, &f, err);

	if (n < 1 || !f.text)
		return n < 0 ? (int)n : 0;
	copy = strdup(f.text);
	shelf_put(fleet->shelf, ring, f.version, f.text);
	return copy ? write_file(fleet, ring, copy, err)
		    : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int publish_shelf(struct fleet *fleet, struct db *db, int64_t *ret_oldest_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *names = json_array();
	struct newer newer = { fleet, names, 0 };
	const json_t *name;
	size_t i;
	int64_t n;
	int r;

	if (!names)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &versions, NULL, 0, take_version, &newer, err);
	r = n < 0 ? (int)n : 0;
	json_array_foreach(names, i, name)
	{
		struct oak_error first;
		int now = put(fleet, db, json_string_value(name), r < 0 ? &first : err);

		r = r < 0 ? r : now;
	}
	*ret_oldest_s = newer.oldest_s;
	return r;
}
