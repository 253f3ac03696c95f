/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tidy.h"

#include "fleet/store/event.h"
#include "fleet/store/facts.h"
#include "fleet/store/journal.h"
#include "fleet/store/rows.h"

#define DAY_S        86400
#define OFTEN_S      (20 * 3600) /* once a day, whatever the hour */
#define PORTION      500         /* hosts whose old reports go in one transaction */
#define EVENTS_ARE_S DAY_S

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
/* Whoever is about to use a set that nobody has waits, and then writes it again. */
static const struct db_statement lock_sets = { "tidy: lock sets", "SELECT 1 WHERE 1 = 0",
					       "LOCK TABLE cve_sets IN SHARE ROW EXCLUSIVE MODE" };
static const struct db_statement drop_sets = {
	"tidy: sets",
	"DELETE FROM cve_sets WHERE NOT EXISTS"
	" (SELECT 1 FROM hosts WHERE hosts.cve_set = cve_sets.cve_set)",
	NULL
};

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

static int history_portions(struct db *db, int64_t before_s, struct oak_error *err)
{
	const struct db_statement *const drop[] = { &drop_portion };
	int64_t last = 0, r = db_query(db, &newest_host, NULL, 0, rows_int, &last, err);

	for (int64_t n = 0; n <= last && r >= 0; n += PORTION) {
		const struct db_value args[] = { db_int(before_s), db_int(n), db_int(n + PORTION) };

		r = all_of(db, drop, 1, args, 3, err);
	}
	return r < 0 ? (int)r : 0;
}

static int history(struct db *db, int64_t now_s, uint32_t days, struct oak_error *err)
{
	const struct db_statement *const ahead[] = { &make_partitions };
	const struct db_statement *const drop[] = { &drop_partitions, &drop_rest };
	const struct db_value now = db_int(now_s), before = db_int(now_s - (int64_t)days * DAY_S);
	int r = all_of(db, ahead, 1, &now, 1, err);

	if (r < 0 || !days)
		return r;
	return db_is_postgres(db) ? all_of(db, drop, 2, &before, 1, err)
				  : history_portions(db, before.n, err);
}

static int events(struct db *db, int64_t now_s, struct oak_error *err)
{
	int64_t r = db_begin(db, err);

	if (r >= 0)
		r = event_prune(db, now_s - EVENTS_ARE_S, err);
	if (r >= 0)
		r = facts_fold(db, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}

static int remember(struct db *db, struct journal_head *head, int64_t now_s, struct oak_error *err)
{
	int r = db_begin(db, err);

	head->sequence = now_s;
	if (!r)
		r = journal_move(db, "tidied", head, err);
	if (!r)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

int store_tidy(struct db *db, int64_t now_s, uint32_t history_days, struct oak_error *err)
{
	const struct db_statement *const sets[] = { &lock_sets, &drop_sets };
	struct journal_head head = { 0 };
	int r = events(db, now_s, err);

	if (!r)
		r = journal_read(db, "tidied", &head, err);
	if (r < 0 || (head.sequence <= now_s && now_s - head.sequence < OFTEN_S))
		return r;
	r = history(db, now_s, history_days, err);
	if (!r)
		r = all_of(db, sets, 2, NULL, 0, err);
	return r ? r : remember(db, &head, now_s, err);
}
