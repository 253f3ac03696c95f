/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/journal.h"

#include "fleet/store/rows.h"

static const struct db_statement head_read = { "journal: head",
					       "SELECT sequence, hash FROM heads WHERE list = $1",
					       NULL };
/*
 * One row for both lists: two rows would be taken in either order, and two transactions would wait for each
 * other.
 */
static const struct db_statement head_lock = {
	"journal: lock", "SELECT 1", "SELECT 1 FROM heads WHERE list = 'audit' FOR UPDATE"
};
static const struct db_statement head_move = {
	"journal: move", "UPDATE heads SET sequence = $2, hash = $3 WHERE list = $1", NULL
};

static int take_head(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct journal_head *h = ctx;

	h->sequence = db_row_int(row, 0);
	(void)snprintf(h->hash, sizeof(h->hash), "%s", db_row_text(row, 1));
	return 1;
}

int journal_read(struct db *db, const char *list, struct journal_head *ret, struct oak_error *err)
{
	const struct db_value args[] = { db_text(list) };
	int64_t r = db_query(db, &head_read, args, 1, take_head, ret, err);

	if (r == 0)
		return oak_fail(err, OAK_E_TRUST, "%s: the head of the list is missing", list);
	return r < 0 ? (int)r : 0;
}

int journal_lock(struct db *db, const char *list, struct journal_head *ret, struct oak_error *err)
{
	int64_t r = db_query(db, &head_lock, NULL, 0, rows_ignore, NULL, err);

	return r < 0 ? (int)r : journal_read(db, list, ret, err);
}

int journal_move(struct db *db, const char *list, const struct journal_head *to,
		 struct oak_error *err)
{
	const struct db_value args[] = { db_text(list), db_int(to->sequence), db_text(to->hash) };
	int64_t r = db_run(db, &head_move, args, 3, err);

	return r < 0 ? (int)r : 0;
}
