/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-row: a rollout as the database has it. For fleet/store/ and fleet/director/ alone. */
#ifndef OAK_FLEET_STORE_ROLLOUT_ROW_H
#define OAK_FLEET_STORE_ROLLOUT_ROW_H

#include "base/cleanup.h"
#include "fleet/db/db.h"
#include "fleet/rollout/document.h"
#include "fleet/rollout/engine.h"

#define ROLLOUT_ID_MAX 17 /* with the NUL */
#define ROLLOUTS_LIVE  64 /* at most: they stand in each decision */

struct rollout_row {
	int64_t number;
	char id[ROLLOUT_ID_MAX];
	char created_by[80], approved_by[80]; /* "" */
	char created_person[17];              /* an id; "": nobody's */
	int64_t created_s, started_s, ended_s;
	bool live, assigned;
	struct rollout_document doc;
	struct rollout_state state;
	json_t *levels; /* build-id to level */
};

void rollout_row_clear(struct rollout_row *row); /* also the guard */

struct rollout_rows {
	struct rollout_row *rows; /* by number */
	size_t n;
};

void rollout_rows_clear(struct rollout_rows *v); /* zero is fine; also the guard */

/* Those that are live. @lock: excluded from all others until the transaction ends, in one order. */
int rollout_rows_live(struct db *db, bool lock, struct rollout_rows *ret, struct oak_error *err)
	_must_check_;

/* Errors: OAK_E_NOTFOUND. */
int rollout_row_find(struct db *db, const char *id, bool lock, struct rollout_row *ret,
		     struct oak_error *err) _must_check_;

/* Newest first, of @phase (-1: any), with numbers below @before. */
int rollout_rows_page(struct db *db, int phase, int64_t before, unsigned limit,
		      struct rollout_rows *ret, struct oak_error *err) _must_check_;

/* A new one; gives it its number. */
int rollout_row_add(struct db *db, struct rollout_row *row, struct oak_error *err) _must_check_;

/* State, levels, times and marks; what it is (name, document) never changes. */
int rollout_row_save(struct db *db, const struct rollout_row *row, struct oak_error *err)
	_must_check_;

#endif
