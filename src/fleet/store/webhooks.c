/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/webhooks.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "fleet/store/event.h"
#include "fleet/store/webhooks-priv.h"

#define LIST_BYTES_MAX (64u << 10)

static const struct db_statement insert = {
	.name = "webhook: create",
	.sql = "INSERT INTO webhooks(id, url, events, secret, active, who, created_s, after_sequence,"
	       " format) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8)",
};

static const struct db_statement count_all = {
	.name = "webhook: count",
	.sql = "SELECT COUNT(*) FROM webhooks",
};

#define COLUMNS "SELECT id, url, events, active, who, created_s, format FROM webhooks"
static const struct db_statement get_one = { .name = "webhook: get",
					     .sql = COLUMNS " WHERE id = $1" };
static const struct db_statement get_all = { .name = "webhook: list",
					     .sql = COLUMNS " ORDER BY created_s, id" };

static const struct db_statement change = {
	.name = "webhook: change",
	.sql = "UPDATE webhooks SET url = COALESCE($2, url), events = COALESCE($3, events),"
	       " active = COALESCE($4, active), format = COALESCE($6, format),"
	       " after_sequence = CASE WHEN active = 0 AND $4 = 1 THEN $5 ELSE after_sequence END"
	       " WHERE id = $1",
	.postgres = "UPDATE webhooks SET url = COALESCE($2::text, url),"
		    " events = COALESCE($3::text, events), active = COALESCE($4::bigint, active),"
		    " format = COALESCE($6::text, format),"
		    " after_sequence = CASE WHEN active = 0 AND $4::bigint = 1 THEN $5::bigint"
		    " ELSE after_sequence END WHERE id = $1",
};

static const struct db_statement drop = { .name = "webhook: delete",
					  .sql = "DELETE FROM webhooks WHERE id = $1" };
static const struct db_statement drop_deliveries = {
	.name = "webhook: delete deliveries",
	.sql = "DELETE FROM deliveries WHERE webhook = $1"
};

static const struct db_statement deliveries = {
	.name = "webhook: deliveries",
	.sql = "SELECT id, sequence, type, created_s, next_s, tries, status, why, state, done_s"
	       " FROM deliveries WHERE webhook = $1 ORDER BY id DESC LIMIT $2",
};

static const struct db_statement insert_delivery = {
	.name = "delivery: create",
	.sql = "INSERT INTO deliveries(id, webhook, sequence, type, body, created_s, next_s, tries,"
	       " status, why, state, done_s)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0, '', 'waiting', 0)",
};

/* Begins with the time in milliseconds, as a UUID of version 7: later ones sort behind. */
static void random_id(char ret[WEBHOOK_ID_MAX])
{
	uint8_t bytes[(WEBHOOK_ID_MAX - 1) / 2];
	struct timespec ts;
	uint64_t ms;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	randombytes_buf(bytes, sizeof(bytes));
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	hex_encode(bytes, sizeof(bytes), ret);
}

static int take_int(void *ctx, const struct db_row *row, struct oak_error *err)
{
	(void)err;
	*(int64_t *)ctx = db_row_int(row, 0);
	return 1;
}

static int take_webhook(void *ctx, const struct db_row *row, struct oak_error *err)
{
	const char *events = db_row_text(row, 2);
	json_t *types = NULL, *w;

	if (json_parse(events, strlen(events), LIST_BYTES_MAX, "events of a webhook", &types, err) <
	    0)
		return -OAK_E_FORMAT;
	w = json_pack("{s:s, s:s, s:o, s:b, s:s, s:I, s:s}", "id", db_row_text(row, 0), "url",
		      db_row_text(row, 1), "events", types, "active", db_row_int(row, 3) != 0,
		      "who", db_row_text(row, 4), "created", (json_int_t)db_row_int(row, 5),
		      "format", db_row_text(row, 6));
	if (!w || json_array_append_new(ctx, w) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int webhook_list(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	int64_t n = db_query(db, &get_all, NULL, 0, take_webhook, list, err);

	if (n < 0)
		return (int)n;
	*ret = take_ptr(list);
	return 0;
}

static int no_webhook(const char *id, struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOTFOUND, "%.64s: there is no such webhook", id);
}

int webhook_get(struct db *db, const char *id, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const struct db_value arg = db_text(id);
	int64_t n = db_query(db, &get_one, &arg, 1, take_webhook, list, err);

	if (n < 0)
		return (int)n;
	if (n == 0)
		return no_webhook(id, err);
	*ret = json_incref(json_array_get(list, 0));
	return 0;
}

int webhook_create(struct db *db, const struct webhook_new *w, int64_t now_s, json_t **ret,
		   struct oak_error *err)
{
	_cleanup_(freep) char *events = json_dumps(w->events, JSON_COMPACT);
	char id[WEBHOOK_ID_MAX];
	int64_t last = 0, all = 0, n;

	if (!events)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &count_all, NULL, 0, take_int, &all, err);
	if (n >= 0 && all >= WEBHOOKS_MAX)
		return oak_fail(err, OAK_E_REFUSED, "there are %d webhooks: delete one first",
				WEBHOOKS_MAX);
	if (n < 0 || event_last(db, &last, err) < 0)
		return -(int)err->code;
	random_id(id);
	{
		const struct db_value args[] = {
			db_text(id),     db_text(w->url),
			db_text(events), db_text(w->secret),
			db_text(w->who), db_int(now_s),
			db_int(last),    db_text(w->format ? w->format : "event")
		};

		n = db_run(db, &insert, args, sizeof(args) / sizeof(args[0]), err);
	}
	return n < 0 ? (int)n : webhook_get(db, id, ret, err);
}

int webhook_change(struct db *db, const char *id, const struct webhook_change *c,
		   struct oak_error *err)
{
	_cleanup_(freep) char *events = c->events ? json_dumps(c->events, JSON_COMPACT) : NULL;
	int64_t last = 0, n;
	int r = event_last(db, &last, err);

	if (r < 0)
		return r;
	if (c->events && !events)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	{
		const struct db_value args[] = {
			db_text(id),     db_text(c->url),
			db_text(events), c->active < 0 ? db_null() : db_int(c->active),
			db_int(last),    db_text(c->format)
		};

		n = db_run(db, &change, args, sizeof(args) / sizeof(args[0]), err);
	}
	if (n == 0)
		return no_webhook(id, err);
	return n < 0 ? (int)n : 0;
}

int webhook_delete(struct db *db, const char *id, struct oak_error *err)
{
	const struct db_value arg = db_text(id);
	int64_t n = db_run(db, &drop, &arg, 1, err);

	if (n == 0)
		return no_webhook(id, err);
	if (n > 0)
		n = db_run(db, &drop_deliveries, &arg, 1, err);
	return n < 0 ? (int)n : 0;
}

static json_t *time_or_null(int64_t s)
{
	return s ? json_integer(s) : json_null();
}

static int take_delivery(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *d =
		json_pack("{s:s, s:I, s:s, s:I, s:o, s:I, s:I, s:s, s:s, s:o}", "id",
			  db_row_text(row, 0), "sequence", (json_int_t)db_row_int(row, 1), "type",
			  db_row_text(row, 2), "created", (json_int_t)db_row_int(row, 3), "next",
			  time_or_null(db_row_int(row, 4)), "tries", (json_int_t)db_row_int(row, 5),
			  "status", (json_int_t)db_row_int(row, 6), "why", db_row_text(row, 7),
			  "state", db_row_text(row, 8), "done", time_or_null(db_row_int(row, 9)));

	if (!d || json_array_append_new(ctx, d) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int webhook_deliveries(struct db *db, const char *id, unsigned max, json_t **ret,
		       struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array(), *webhook = NULL;
	const struct db_value args[] = { db_text(id), db_int(max) };
	int64_t n;
	int r = webhook_get(db, id, &webhook, err);

	if (r < 0)
		return r;
	n = db_query(db, &deliveries, args, 2, take_delivery, list, err);
	if (n < 0)
		return (int)n;
	*ret = take_ptr(list);
	return 0;
}

int webhook_add_delivery(struct db *db, const char *webhook, const json_t *event, int64_t now_s,
			 char ret_id[WEBHOOK_ID_MAX], struct oak_error *err)
{
	_cleanup_(freep) char *body = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);
	int64_t n;

	if (!body)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	random_id(ret_id);
	{
		const struct db_value args[] = {
			db_text(ret_id),
			db_text(webhook),
			db_int(json_integer_value(json_object_get(event, "sequence"))),
			db_text(json_get_str(event, "type")),
			db_text(body),
			db_int(now_s),
		};

		n = db_run(db, &insert_delivery, args, sizeof(args) / sizeof(args[0]), err);
	}
	return n < 0 ? (int)n : 0;
}

int webhook_test(struct db *db, const char *id, int64_t now_s, char ret_id[WEBHOOK_ID_MAX],
		 struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *webhook = NULL, *event = NULL;
	int r = webhook_get(db, id, &webhook, err);

	if (r < 0)
		return r;
	event = json_pack("{s:i, s:I, s:s, s:s, s:{}}", "sequence", 0, "at", (json_int_t)now_s,
			  "type", "test", "subject", id, "data");
	if (!event)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return webhook_add_delivery(db, id, event, now_s, ret_id, err);
}

bool webhook_wants(const json_t *events, const char *type)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const char *want = json_string_value(json_array_get(events, i));
		size_t len = want ? strlen(want) : 0;

		if (len && want[len - 1] == '*' && strncmp(want, type, len - 1) == 0)
			return true;
		if (len && strcmp(want, type) == 0)
			return true;
	}
	return false;
}
