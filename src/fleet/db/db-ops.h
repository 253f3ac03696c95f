/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db-ops: what a database has to offer to db.c. Only for files of fleet/db/. */
#ifndef OAK_FLEET_DB_DB_OPS_H
#define OAK_FLEET_DB_DB_OPS_H

#include "fleet/db/db.h"

#define DB_ARGS_MAX 40

struct db {
	const struct db_ops *ops;
	bool open;   /* a transaction is */
	bool failed; /* a statement of it did: nothing of it may be committed */
	bool busy;   /* a callback of db_query() runs */
};

/* How a database reads a column of the row that it stands at. */
struct db_row {
	const struct db_ops *ops;
	void *at;
};

struct db_call {
	const struct db_statement *s;
	const struct db_value *args;
	size_t n;
	int (*each)(void *ctx, const struct db_row *row, struct oak_error *err); /* NULL: no rows */
	void *ctx;
};

struct db_ops {
	const char *prefix; /* of its URLs */
	bool postgres;
	int (*open)(const char *url, struct db **ret, struct oak_error *err);
	void (*close)(struct db *db);
	/* Opens again what broke; outside of transactions. */
	int (*ready)(struct db *db, struct oak_error *err);
	int (*begin)(struct db *db, struct oak_error *err);
	int (*commit)(struct db *db, struct oak_error *err);
	void (*rollback)(struct db *db);
	/* The rows that changed, or that the callback saw. */
	int64_t (*call)(struct db *db, const struct db_call *c, struct oak_error *err);
	int (*script)(struct db *db, const char *sql, struct oak_error *err);
	int (*try_lead)(struct db *db, bool *ret, struct oak_error *err);

	int64_t (*row_int)(const struct db_row *row, int column);
	const char *(*row_text)(const struct db_row *row, int column);
	const void *(*row_blob)(const struct db_row *row, int column, size_t *ret_len);
	bool (*row_is_null)(const struct db_row *row, int column);
};

extern const struct db_ops db_sqlite, db_postgres;

/* Several statements without parameters and rows: the schema's. In a transaction. */
int db_script(struct db *db, const char *sql, struct oak_error *err) _must_check_;

#endif
