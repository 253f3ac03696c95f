/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/store/event.h"
#include "fleet/store/webhooks-priv.h"

#define EVENTS_AT_ONCE 100
#define LEASE_S        60 /* longer than a delivery may take */
#define KEPT_S         (INT64_C(7) * 86400)
#define LIST_BYTES_MAX (64u << 10)

static const struct db_statement oldest = {
	.name = "webhook: behind",
	.sql = "SELECT COALESCE(MIN(after_sequence), -1) FROM webhooks WHERE active = 1",
};

static const struct db_statement listeners = {
	.name = "webhook: listeners",
	.sql = "SELECT id, events, after_sequence FROM webhooks WHERE active = 1",
};

/* Of two servers one moves it; the other rolls back what it made. */
static const struct db_statement advance = {
	.name = "webhook: advance",
	.sql = "UPDATE webhooks SET after_sequence = $3 WHERE id = $1 AND after_sequence = $2",
};

static const struct db_statement due = {
	.name = "delivery: due",
	.sql = "SELECT d.id, d.next_s, d.tries, d.created_s, d.type, d.body, w.url, w.secret, w.id,"
	       " w.format"
	       " FROM deliveries d JOIN webhooks w ON w.id = d.webhook"
	       " WHERE d.next_s > 0 AND d.next_s <= $1 AND w.active = 1"
	       " ORDER BY d.next_s, d.sequence LIMIT 100",
};

static const struct db_statement claim = {
	.name = "delivery: claim",
	.sql = "UPDATE deliveries SET next_s = $3, tries = tries + 1, state = 'sending'"
	       " WHERE id = $1 AND next_s = $2",
};

static const struct db_statement finish = {
	.name = "delivery: done",
	.sql = "UPDATE deliveries SET next_s = $2, status = $3, why = $4, state = $5, done_s = $6"
	       " WHERE id = $1",
};

static const struct db_statement forget = {
	.name = "delivery: forget",
	.sql = "DELETE FROM deliveries WHERE done_s > 0 AND done_s < $1",
};

static int take_int(void *ctx, const struct db_row *row, struct oak_error *err)
{
	(void)err;
	*(int64_t *)ctx = db_row_int(row, 0);
	return 1;
}

static int take_listener(void *ctx, const struct db_row *row, struct oak_error *err)
{
	const char *text = db_row_text(row, 1);
	json_t *events = NULL, *w;

	if (json_parse(text, strlen(text), LIST_BYTES_MAX, "events of a webhook", &events, err) < 0)
		return -OAK_E_FORMAT;
	w = json_pack("{s:s, s:o, s:I}", "id", db_row_text(row, 0), "events", events, "after",
		      (json_int_t)db_row_int(row, 2));
	if (!w || json_array_append_new(ctx, w) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int add_events(struct db *db, const json_t *webhook, const json_t *events, int64_t now_s,
		      struct oak_error *err)
{
	const json_t *wanted = json_object_get(webhook, "events");
	char id[WEBHOOK_ID_MAX];

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		int r;

		if (!webhook_wants(wanted, json_get_str(event, "type")))
			continue;
		r = webhook_add_delivery(db, json_get_str(webhook, "id"), event, now_s, id, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int serve_listener(struct db *db, const json_t *webhook, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *events = NULL;
	int64_t after = json_integer_value(json_object_get(webhook, "after")), n;
	const json_t *last;
	int r = event_list(db, after, EVENTS_AT_ONCE, &events, err);

	if (r < 0 || !json_array_size(events))
		return r;
	last = json_array_get(events, json_array_size(events) - 1);
	{
		const struct db_value args[] = {
			db_text(json_get_str(webhook, "id")),
			db_int(after),
			db_int(json_integer_value(json_object_get(last, "sequence"))),
		};

		n = db_run(db, &advance, args, 3, err);
	}
	if (n <= 0) /* another server was first, or it was deleted */
		return (int)n;
	return add_events(db, webhook, events, now_s, err);
}

static int serve_listeners(struct db *db, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	int64_t n = db_query(db, &listeners, NULL, 0, take_listener, list, err);
	int r = n < 0 ? (int)n : 0;

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = serve_listener(db, json_array_get(list, i), now_s, err);
	return r;
}

int webhook_fan_out(struct db *db, int64_t now_s, struct oak_error *err)
{
	const struct db_value old = db_int(now_s - KEPT_S);
	int64_t behind = -1, last = 0;
	int64_t n = db_query(db, &oldest, NULL, 0, take_int, &behind, err);
	int r = n < 0 ? (int)n : event_last(db, &last, err);

	if (r < 0 || behind < 0 || behind >= last)
		return r;
	r = db_begin(db, err);
	if (r == 0)
		r = serve_listeners(db, now_s, err);
	if (r == 0) {
		n = db_run(db, &forget, &old, 1, err);
		r = n < 0 ? (int)n : db_commit(db, err);
	}
	if (r < 0)
		db_rollback(db);
	return r;
}

void webhook_delivery_clear(struct webhook_delivery *d)
{
	free(d->url);
	free(d->secret);
	free(d->body);
	free(d->type);
	free(d->format);
	*d = (struct webhook_delivery){ 0 };
}

/* Candidates; a webhook that is slow holds up its own alone. */
struct candidates {
	struct webhook_delivery *d;
	int64_t next_s[32];
	char webhook[32][WEBHOOK_ID_MAX];
	size_t n, max;
};

static bool has_webhook(const struct candidates *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->webhook[i], id) == 0)
			return true;
	return false;
}

static int take_due(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct candidates *c = ctx;
	struct webhook_delivery *d = &c->d[c->n];

	if (c->n == c->max)
		return 1;
	if (has_webhook(c, db_row_text(row, 8)))
		return 0;
	*d = (struct webhook_delivery){
		.created_s = db_row_int(row, 3),
		.tries = (unsigned)db_row_int(row, 2) + 1,
		.type = strdup(db_row_text(row, 4)),
		.body = strdup(db_row_text(row, 5)),
		.url = strdup(db_row_text(row, 6)),
		.secret = strdup(db_row_text(row, 7)),
		.format = strdup(db_row_text(row, 9)),
	};
	(void)snprintf(d->id, sizeof(d->id), "%s", db_row_text(row, 0));
	(void)snprintf(c->webhook[c->n], WEBHOOK_ID_MAX, "%s", db_row_text(row, 8));
	c->next_s[c->n++] = db_row_int(row, 1);
	if (!d->type || !d->body || !d->url || !d->secret || !d->format)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int webhook_claim(struct db *db, int64_t now_s, struct webhook_delivery *ret, size_t max,
		  struct oak_error *err)
{
	struct candidates c = { .d = ret, .max = max < 32 ? max : 32 };
	const struct db_value now = db_int(now_s);
	int64_t n = db_query(db, &due, &now, 1, take_due, &c, err);
	size_t mine = 0;

	for (size_t i = 0; i < c.n; i++) {
		const struct db_value args[] = { db_text(ret[i].id), db_int(c.next_s[i]),
						 db_int(now_s + LEASE_S) };

		if (n >= 0)
			n = db_run(db, &claim, args, 3, err);
		if (n == 1 && mine != i) {
			ret[mine++] = ret[i];
			ret[i] = (struct webhook_delivery){ 0 };
		} else if (n == 1) {
			mine++;
		} else {
			webhook_delivery_clear(&ret[i]);
		}
	}
	if (n >= 0)
		return (int)mine;
	while (mine > 0)
		webhook_delivery_clear(&ret[--mine]);
	return (int)n;
}

int webhook_done(struct db *db, const struct webhook_delivery *d, const struct webhook_result *w,
		 int64_t now_s, struct oak_error *err)
{
	const char *bad = w->next_s ? "waiting" : "given-up";
	const struct db_value args[] = {
		db_text(d->id),
		db_int(w->next_s),
		db_int(w->status),
		db_text(w->why),
		db_text(w->good ? "delivered" : bad),
		db_int(w->next_s ? 0 : now_s),
	};
	int64_t n = db_run(db, &finish, args, sizeof(args) / sizeof(args[0]), err);

	return n < 0 ? (int)n : 0;
}
