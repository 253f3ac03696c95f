/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tidy.h"

#include <inttypes.h>
#include <stdio.h>

#include "fleet/store/event.h"
#include "fleet/store/facts.h"
#include "fleet/store/journal.h"
#include "fleet/store/lockout.h"
#include "fleet/store/rows.h"
#include "fleet/store/sessions.h"
#include "fleet/store/sets.h"

#define DAY_S    86400
#define OFTEN_S  (INT64_C(20) * 3600) /* once a day, whatever the hour */
#define PORTION  500                  /* hosts whose old reports go in one transaction */
#define PORTIONS 20                   /* in one call */
#define GATHER_S 600

/* Each host's are together, in order of time: no index of the time alone is needed. */
static const struct db_statement drop_portion = {
	"tidy: history", "DELETE FROM history WHERE host >= $2 AND host < $3 AND at_s < $1", NULL
};
static const struct db_statement newest_host = { "tidy: hosts", "SELECT MAX(n) FROM hosts", NULL };
static const struct db_statement drop_partitions = { "tidy: partitions", "SELECT 0",
						     "SELECT history_drop($1)" };
static const struct db_statement make_partitions = { "tidy: months ahead", "SELECT 0",
						     "SELECT history_ahead($1)" };
static const struct db_statement drop_rest = { "tidy: rest",
					       "DELETE FROM history WHERE 1 = 0 AND at_s < $1",
					       "DELETE FROM history_rest WHERE at_s < $1" };
static const struct db_statement oldest_event = {
	"tidy: events", "SELECT at_s FROM events ORDER BY sequence LIMIT 1", NULL
};

static const struct db_statement people_due = {
	"tidy: people",
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM lockouts WHERE last_s < $1)"
	" OR EXISTS (SELECT 1 FROM sessions WHERE seen_s < $2)",
	NULL
};

/* The host at which the last call stopped; 0: it was through. Kept where other lists have a hash. */
static int64_t position(const struct journal_head *head)
{
	int64_t n = 0;

	for (const char *c = head->hash; *c >= '0' && *c <= '9'; c++)
		n = 10 * n + (*c - '0');
	return n;
}

/* One transaction for several statements without rows that matter. */
static int all_of(struct db *db, const struct db_statement *const s[], size_t n,
		  const struct db_value *args, size_t n_args, struct oak_error *err)
{
	int64_t r = db_begin(db, err);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = db_query(db, s[i], args, n_args, rows_ignore, NULL, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}

/* The hosts from @from on. *ret: the next that is to come; 0: none. */
static int history_portions(struct db *db, int64_t before_s, int64_t from, int64_t *ret,
			    struct oak_error *err)
{
	const struct db_statement *const drop[] = { &drop_portion };
	int64_t last = 0, r = db_query(db, &newest_host, NULL, 0, rows_int, &last, err);
	int64_t end = from + (int64_t)PORTIONS * PORTION;

	for (int64_t n = from; n <= last && n < end && r >= 0; n += PORTION) {
		const struct db_value args[] = { db_int(before_s), db_int(n), db_int(n + PORTION) };

		r = all_of(db, drop, 1, args, 3, err);
	}
	if (r < 0)
		return (int)r;
	*ret = end <= last ? end : 0;
	return 0;
}

static int history(struct db *db, int64_t now_s, uint32_t days, struct journal_head *at,
		   struct oak_error *err)
{
	const struct db_statement *const ahead[] = { &make_partitions };
	const struct db_statement *const drop[] = { &drop_partitions, &drop_rest };
	const struct db_value now = db_int(now_s), before = db_int(now_s - (int64_t)days * DAY_S);
	int64_t next = 0;
	int r = all_of(db, ahead, 1, &now, 1, err);

	if (!r && days && db_is_postgres(db))
		r = all_of(db, drop, 2, &before, 1, err);
	else if (!r && days)
		r = history_portions(db, before.n, position(at), &next, err);
	if (r < 0)
		return r;
	(void)snprintf(at->hash, sizeof(at->hash), "%" PRId64, next);
	return 0;
}

/* The oldest tells whether any is to go; a few minutes are gathered, so that it is not one by one. */
static int events(struct db *db, int64_t now_s, struct oak_error *err)
{
	int64_t oldest_s = now_s, r;

	r = db_query(db, &oldest_event, NULL, 0, rows_int, &oldest_s, err);
	if (r < 0 || oldest_s >= now_s - DAY_S - GATHER_S)
		return r < 0 ? (int)r : 0;
	r = db_begin(db, err);
	if (r >= 0)
		r = event_prune(db, now_s - DAY_S, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}

/* Sessions that are over, wrong tries that are forgotten: gathered likewise. */
static int people(struct db *db, int64_t now_s, struct oak_error *err)
{
	const struct db_value before[] = { db_int(now_s - LOCKOUT_FORGET_S - GATHER_S),
					   db_int(now_s - SESSION_IDLE_S - GATHER_S) };
	int64_t due = 0, r = db_query(db, &people_due, before, 2, rows_int, &due, err);

	if (r < 0 || !due)
		return r < 0 ? (int)r : 0;
	r = db_begin(db, err);
	if (r >= 0)
		r = session_tidy(db, now_s, err);
	if (r >= 0)
		r = lockout_tidy(db, now_s, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}

static int remember(struct db *db, struct journal_head *head, int64_t now_s, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (!position(head))
		head->sequence = now_s;
	if (!r)
		r = journal_move(db, "tidied", head, err);
	if (!r)
		r = facts_fold(db, err);
	if (!r)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

/* Is it done for today? A clock that went back is no reason to wait. */
static bool is_done(const struct journal_head *head, int64_t now_s)
{
	return !position(head) && head->sequence <= now_s && now_s - head->sequence < OFTEN_S;
}

int store_tidy(struct db *db, int64_t now_s, uint32_t history_days, struct oak_error *err)
{
	struct journal_head head = { 0 };
	bool leads = false;
	int r = db_try_lead(db, &leads, err);

	if (r < 0 || !leads)
		return r;
	r = events(db, now_s, err);
	if (!r)
		r = people(db, now_s, err);
	if (!r)
		r = journal_read(db, "tidied", &head, err);
	if (r < 0 || is_done(&head, now_s))
		return r;
	r = history(db, now_s, history_days, &head, err);
	if (!r && !position(&head))
		r = sets_tidy(db, err);
	return r ? r : remember(db, &head, now_s, err);
}
