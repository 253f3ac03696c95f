/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/event.h"

#include "fleet/store/journal.h"
#include "fleet/store/rows.h"

static const struct db_statement insert = {
	"event: add",
	"INSERT INTO events (sequence, at_s, type, subject, data) VALUES ($1, $2, $3, $4, $5)", NULL
};
static const struct db_statement later = {
	"event: list",
	"SELECT sequence, at_s, type, subject, data FROM events WHERE sequence > $1"
	" ORDER BY sequence LIMIT $2",
	NULL
};
static const struct db_statement prune = { "event: prune", "DELETE FROM events WHERE at_s < $1",
					   NULL };

int event_add(struct db *db, const struct event *e, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *data = e->data ? json_incref(e->data) : json_object();
	_cleanup_(freep) char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);
	struct journal_head head = { 0 };
	int r;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = journal_lock(db, "events", &head, err);
	if (r < 0)
		return r;
	head.sequence++;
	r = rows_run(db, &insert,
		     (const struct db_value[]){ db_int(head.sequence), db_int(e->at_s),
						db_text(e->type), db_text(e->subject),
						db_text(text) },
		     5, err);
	return r < 0 ? r : journal_move(db, "events", &head, err);
}

static int list_event(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *data = NULL;
	int r = rows_json(row, 4, &data, err);

	if (r < 0)
		return r;
	return rows_append(ctx,
			   json_pack("{s:I, s:I, s:s, s:s, s:o}", "sequence",
				     (json_int_t)db_row_int(row, 0), "at",
				     (json_int_t)db_row_int(row, 1), "type", db_row_text(row, 2),
				     "subject", db_row_text(row, 3), "data", data),
			   err);
}

int event_list(struct db *db, int64_t after, unsigned max, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const struct db_value args[] = { db_int(after), db_int(max) };
	int64_t r;

	if (!list)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = db_query(db, &later, args, 2, list_event, list, err);
	if (r < 0)
		return (int)r;
	*ret = take_ptr(list);
	return 0;
}

int event_last(struct db *db, int64_t *ret, struct oak_error *err)
{
	struct journal_head head = { 0 };
	int r = journal_read(db, "events", &head, err);

	if (!r)
		*ret = head.sequence;
	return r;
}

int64_t event_prune(struct db *db, int64_t before_s, struct oak_error *err)
{
	const struct db_value args[] = { db_int(before_s) };

	return db_run(db, &prune, args, 1, err);
}
