/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollout-row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define COLUMNS                                                                                  \
	"number, id, document, levels, created_by, approved_by, created_s, started_s, ended_s, " \
	"live, assigned, phase, stage, allowed, took, moved_s, stepped_s, done_s, forgiven, "    \
	"passed, take_back, why, created_person"

/* In that order. */
enum column {
	COLUMN_NUMBER,
	COLUMN_ID,
	COLUMN_DOCUMENT,
	COLUMN_LEVELS,
	COLUMN_CREATED_BY,
	COLUMN_APPROVED_BY,
	COLUMN_CREATED,
	COLUMN_STARTED,
	COLUMN_ENDED,
	COLUMN_LIVE,
	COLUMN_ASSIGNED,
	COLUMN_PHASE,
	COLUMN_STAGE,
	COLUMN_ALLOWED,
	COLUMN_TOOK,
	COLUMN_MOVED,
	COLUMN_STEPPED,
	COLUMN_DONE,
	COLUMN_FORGIVEN,
	COLUMN_PASSED,
	COLUMN_TAKE_BACK,
	COLUMN_WHY,
	COLUMN_CREATED_PERSON,
};

#define LIVE "SELECT " COLUMNS " FROM rollouts WHERE live = 1 ORDER BY number"
#define FIND "SELECT " COLUMNS " FROM rollouts WHERE id = $1"

static const struct db_statement select_live = { "rollouts-live", LIVE, NULL };
static const struct db_statement lock_live = { "rollouts-lock", LIVE, LIVE " FOR UPDATE" };
static const struct db_statement select_one = { "rollout-find", FIND, NULL };
static const struct db_statement lock_one = { "rollout-lock", FIND, FIND " FOR UPDATE" };

static const struct db_statement select_page = {
	"rollouts-page",
	"SELECT " COLUMNS " FROM rollouts WHERE number < $1 AND ($2 < 0 OR phase = $2) "
	"ORDER BY number DESC LIMIT $3",
	"SELECT " COLUMNS " FROM rollouts WHERE number < $1 AND ($2::bigint < 0 OR phase = $2) "
	"ORDER BY number DESC LIMIT $3"
};

/* Numbers are given out one at a time. */
static const struct db_statement lock_numbers = {
	"rollout-numbers-lock", "SELECT id FROM fleet_state WHERE id = 1",
	"SELECT id FROM fleet_state WHERE id = 1 FOR UPDATE"
};

static const struct db_statement next_number = {
	"rollout-number", "SELECT coalesce(max(number), 0) + 1 FROM rollouts", NULL
};

static const struct db_statement insert = {
	"rollout-insert",
	"INSERT INTO rollouts (number, id, name, document, levels, created_by, created_s, started_s, "
	"ended_s, live, assigned, phase, stage, allowed, took, moved_s, stepped_s, done_s, "
	"forgiven, passed, take_back, why, created_person) VALUES ($1, $2, $3, $4, '{}', $5, $6, 0, "
	"0, 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, '', $7)",
	NULL
};

static const struct db_statement update = {
	"rollout-save",
	"UPDATE rollouts SET levels = $2, approved_by = $3, started_s = $4, ended_s = $5, live = $6, "
	"assigned = $7, phase = $8, stage = $9, allowed = $10, took = $11, moved_s = $12, "
	"stepped_s = $13, done_s = $14, forgiven = $15, passed = $16, take_back = $17, why = $18 "
	"WHERE number = $1",
	NULL
};

void rollout_row_clear(struct rollout_row *row)
{
	rollout_document_clear(&row->doc);
	json_decref(row->levels);
	*row = (struct rollout_row){ 0 };
}

void rollout_rows_clear(struct rollout_rows *v)
{
	for (size_t i = 0; i < v->n; i++)
		rollout_row_clear(&v->rows[i]);
	free(v->rows);
	*v = (struct rollout_rows){ 0 };
}

static void copy(char *ret, size_t size, const char *text)
{
	(void)snprintf(ret, size, "%s", text);
}

/* "3 10 0": numbers with blanks between. */
static void read_allowed(const char *text, uint32_t allowed[ROLLOUT_STAGES_MAX])
{
	for (size_t i = 0; i < ROLLOUT_STAGES_MAX && *text; i++) {
		for (; *text >= '0' && *text <= '9'; text++)
			allowed[i] = allowed[i] * 10 + (uint32_t)(*text - '0');
		text += *text == ' ';
	}
}

static int write_allowed(const struct rollout_row *row, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < row->doc.spec.n_stages; i++)
		r = buf_printf(ret, "%s%u", i ? " " : "", row->state.allowed[i]);
	return r;
}

static void read_state(const struct db_row *db_row, struct rollout_state *s)
{
	s->phase = (enum rollout_phase)db_row_int(db_row, COLUMN_PHASE);
	s->stage = (uint32_t)db_row_int(db_row, COLUMN_STAGE);
	read_allowed(db_row_text(db_row, COLUMN_ALLOWED), s->allowed);
	s->took = (uint32_t)db_row_int(db_row, COLUMN_TOOK);
	s->moved_s = db_row_int(db_row, COLUMN_MOVED);
	s->stepped_s = db_row_int(db_row, COLUMN_STEPPED);
	s->done_s = db_row_int(db_row, COLUMN_DONE);
	s->forgiven = (uint32_t)db_row_int(db_row, COLUMN_FORGIVEN);
	s->passed = db_row_int(db_row, COLUMN_PASSED) != 0;
	s->take_back = db_row_int(db_row, COLUMN_TAKE_BACK) != 0;
	copy(s->why, sizeof(s->why), db_row_text(db_row, COLUMN_WHY));
}

static int read_documents(const struct db_row *db_row, struct rollout_row *row,
			  struct oak_error *err)
{
	const char *text = db_row_text(db_row, COLUMN_DOCUMENT);
	const char *levels = db_row_text(db_row, COLUMN_LEVELS);
	_cleanup_(json_decrefp) json_t *json = NULL;
	int r = json_parse(text, strlen(text), 1u << 20, "document", &json, err);

	if (r == 0)
		r = rollout_document_read(json, &row->doc, err);
	if (r == 0)
		r = json_parse(levels, strlen(levels), 1u << 20, "levels", &row->levels, err);
	return r < 0 ? oak_context(err, "rollout %s of the database", row->id) : 0;
}

static int read_row(const struct db_row *db_row, struct rollout_row *ret, struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = {
		.number = db_row_int(db_row, COLUMN_NUMBER),
		.created_s = db_row_int(db_row, COLUMN_CREATED),
		.started_s = db_row_int(db_row, COLUMN_STARTED),
		.ended_s = db_row_int(db_row, COLUMN_ENDED),
		.live = db_row_int(db_row, COLUMN_LIVE) != 0,
		.assigned = db_row_int(db_row, COLUMN_ASSIGNED) != 0,
	};
	int r;

	copy(row.id, sizeof(row.id), db_row_text(db_row, COLUMN_ID));
	copy(row.created_by, sizeof(row.created_by), db_row_text(db_row, COLUMN_CREATED_BY));
	copy(row.created_person, sizeof(row.created_person),
	     db_row_text(db_row, COLUMN_CREATED_PERSON));
	copy(row.approved_by, sizeof(row.approved_by), db_row_text(db_row, COLUMN_APPROVED_BY));
	read_state(db_row, &row.state);
	r = read_documents(db_row, &row, err);
	if (r < 0)
		return r;
	*ret = row;
	row = (struct rollout_row){ 0 };
	return 0;
}

static int add_row(void *ctx, const struct db_row *db_row, struct oak_error *err)
{
	struct rollout_rows *v = ctx;
	struct rollout_row *more = realloc(v->rows, (v->n + 1) * sizeof(*more));
	int r;

	if (!more)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	v->rows = more;
	r = read_row(db_row, &v->rows[v->n], err);
	if (r == 0)
		v->n++;
	return r;
}

static int select_rows(struct db *db, const struct db_statement *s, const struct db_value *args,
		       size_t n, struct rollout_rows *ret, struct oak_error *err)
{
	_cleanup_(rollout_rows_clear) struct rollout_rows v = { 0 };
	int64_t got = db_query(db, s, args, n, add_row, &v, err);

	if (got < 0)
		return (int)got;
	*ret = v;
	v = (struct rollout_rows){ 0 };
	return 0;
}

int rollout_rows_live(struct db *db, bool lock, struct rollout_rows *ret, struct oak_error *err)
{
	return select_rows(db, lock ? &lock_live : &select_live, NULL, 0, ret, err);
}

int rollout_row_find(struct db *db, const char *id, bool lock, struct rollout_row *ret,
		     struct oak_error *err)
{
	_cleanup_(rollout_rows_clear) struct rollout_rows v = { 0 };
	const struct db_value arg = db_text(id);
	int r = select_rows(db, lock ? &lock_one : &select_one, &arg, 1, &v, err);

	if (r < 0)
		return r;
	if (!v.n)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no rollout %.32s", id);
	*ret = v.rows[0];
	v.n = 0;
	return 0;
}

int rollout_rows_page(struct db *db, int phase, int64_t before, unsigned limit,
		      struct rollout_rows *ret, struct oak_error *err)
{
	const struct db_value args[] = { db_int(before), db_int(phase), db_int(limit) };

	return select_rows(db, &select_page, args, 3, ret, err);
}

static int take_number(void *ctx, const struct db_row *row, struct oak_error *err)
{
	(void)err;
	*(int64_t *)ctx = db_row_int(row, 0);
	return 0;
}

int rollout_row_add(struct db *db, struct rollout_row *row, struct oak_error *err)
{
	_cleanup_(freep) char *text = json_dumps(row->doc.json, JSON_COMPACT | JSON_SORT_KEYS);
	int64_t n;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = db_query(db, &lock_numbers, NULL, 0, take_number, &row->number, err);
	if (n >= 0)
		n = db_query(db, &next_number, NULL, 0, take_number, &row->number, err);
	if (n >= 0)
		n = db_run(db, &insert,
			   (const struct db_value[]){
				   db_int(row->number), db_text(row->id), db_text(row->doc.name),
				   db_text(text), db_text(row->created_by), db_int(row->created_s),
				   db_text(row->created_person) },
			   7, err);
	return n < 0 ? (int)n : 0;
}

int rollout_row_save(struct db *db, const struct rollout_row *row, struct oak_error *err)
{
	_cleanup_(freep) char *levels = json_dumps(row->levels, JSON_COMPACT | JSON_SORT_KEYS);
	_cleanup_(buf_free) struct buf allowed = { 0 };
	const struct rollout_state *s = &row->state;
	int64_t n;

	if (!levels || write_allowed(row, &allowed) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	const struct db_value args[] = {
		db_int(row->number),
		db_text(levels),
		db_text(row->approved_by[0] ? row->approved_by : NULL),
		db_int(row->started_s),
		db_int(row->ended_s),
		db_int(row->live),
		db_int(row->assigned),
		db_int(s->phase),
		db_int(s->stage),
		db_text(buf_str(&allowed)),
		db_int(s->took),
		db_int(s->moved_s),
		db_int(s->stepped_s),
		db_int(s->done_s),
		db_int(s->forgiven),
		db_int(s->passed),
		db_int(s->take_back),
		db_text(s->why),
	};

	n = db_run(db, &update, args, sizeof(args) / sizeof(args[0]), err);
	return n < 0 ? (int)n : 0;
}
