/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db: one connection to the fleet's database, SQLite or PostgreSQL: the only code that knows which.
 *
 * All SQL stands in constants, struct db_statement, at the head of the files of fleet/store/ (with a second
 * text where PostgreSQL wants another); nothing is put together from what came from outside. Parameters are $1, $2, ... for both.
 * The schema is fleet/db/schema/NNN-name.sql, forward only; see fleet/db/migrate.h.
 *
 * Once a statement of a transaction fails, all later ones of it do, and nothing is committed. A row that
 * breaks a UNIQUE or CHECK is OAK_E_REFUSED; OAK_E_AGAIN (busy, a deadlock, the server is gone) means: roll
 * back and do the whole transaction again.
 *
 * A connection belongs to one thread at a time. Writing transactions exclude each other with SQLite;
 * with PostgreSQL they are "read committed", and whoever must exclude others says so (FOR UPDATE).
 *
 * To add another database: one db-<name>.c with a struct db_ops, a row in db.c; tests/fleet/store-*.c
 * run over all of them.
 */
#ifndef OAK_FLEET_DB_DB_H
#define OAK_FLEET_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct db; /* opaque */

/**
 * db_open() - connect
 * @url: "sqlite:/path/fleet.db", or "postgresql://..." as libpq reads it
 *
 * What is acknowledged is on disk (WAL with synchronous=FULL, or PostgreSQL's own). A PostgreSQL
 * connection that broke is opened again by the next db_begin(), or by the next db_run() outside of a
 * transaction. Errors: OAK_E_USAGE, OAK_E_AGAIN (nobody answers), OAK_E_IO, OAK_E_NOMEM.
 */
int db_open(const char *url, struct db **ret, struct oak_error *err) _must_check_;
void db_close(struct db *db); /* NULL is fine; rolls back */
DEFINE_CLEANUP(struct db *, db_close)

/*
 * What a server holds as long as it runs: nobody else is the server of an SQLite file, while others may open it
 * for a moment (backup, token). An flock on "<path>.lock"; a descriptor that the caller closes. PostgreSQL has
 * room for many: -1. Errors: OAK_E_REFUSED.
 */
int db_claim(const char *url, int *ret, struct oak_error *err) _must_check_;

/* A statement: its texts and how it is named in messages. Points into a static table. */
struct db_statement {
	const char *name;
	const char *sql;      /* for both */
	const char *postgres; /* NULL: as sql */
};

enum db_kind {
	DB_NULL,
	DB_INT,
	DB_TEXT,
	DB_BLOB
};

struct db_value {
	enum db_kind kind;
	int64_t n;
	const void *data; /* borrowed for the call */
	size_t len;
};

#define db_null()        ((struct db_value){ .kind = DB_NULL })
#define db_int(v)        ((struct db_value){ .kind = DB_INT, .n = (int64_t)(v) })
#define db_blob(p, size) ((struct db_value){ .kind = DB_BLOB, .data = (p), .len = (size) })
struct db_value db_text(const char *s); /* NULL becomes DB_NULL */

/* Writing: SQLite takes the write lock at once. OAK_E_AGAIN: busy for too long, or the server is gone. */
int db_begin(struct db *db, struct oak_error *err) _must_check_;
int db_commit(struct db *db, struct oak_error *err) _must_check_;
void db_rollback(struct db *db); /* nothing to roll back is fine; also after a failed commit */

/* Return: the number of rows that changed. */
int64_t db_run(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
	       struct oak_error *err) _must_check_;

/* A row of a result, as long as the callback runs. Columns count from 0. NULL is 0, "" and no bytes. */
struct db_row;
int64_t db_row_int(const struct db_row *row, int column);
const char *db_row_text(const struct db_row *row, int column);
const void *db_row_blob(const struct db_row *row, int column, size_t *ret_len);
bool db_row_is_null(const struct db_row *row, int column);

/**
 * db_query() - a statement that gives rows
 * @each: 0: go on; 1: enough; negative: an error that db_query() returns. It must not use @db: what it
 *        wants to write is collected, and written after.
 *
 * Return: the number of rows that @each saw.
 */
int64_t db_query(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
		 int (*each)(void *ctx, const struct db_row *row, struct oak_error *err), void *ctx,
		 struct oak_error *err) _must_check_;

/*
 * Of all servers on the database one leads: it steps the rollouts. The lead ends with the connection.
 * SQLite: always true; a second server is refused by db_claim().
 */
int db_try_lead(struct db *db, bool *ret, struct oak_error *err) _must_check_;

bool db_is_postgres(const struct db *db);

#endif
