/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/db/migrate.h"

#include <assert.h>
#include <string.h>

#include "fleet/db/db-ops.h"

/* The build makes a C text of each file (src/fleet/meson.build). */
static const char fleet[] =
#include "fleet/001-fleet.sql.inc"
	;
static const char fleet_postgres[] =
#include "fleet/001-fleet.postgres.sql.inc"
	;
static const char rollouts[] =
#include "fleet/002-rollouts.sql.inc"
	;
static const char api[] =
#include "fleet/003-api.sql.inc"
	;
static const char people[] =
#include "fleet/004-people.sql.inc"
	;
static const char views[] =
#include "fleet/005-views.sql.inc"
	;
static const char views_postgres[] =
#include "fleet/005-views.postgres.sql.inc"
	;
static const char hooks[] =
#include "fleet/006-hooks.sql.inc"
	;

/* Row N makes version N + 1. */
static const struct {
	const char *sql, *postgres;
} steps[] = {
	{ fleet, fleet_postgres }, { rollouts, NULL },        { api, NULL },
	{ people, NULL },          { views, views_postgres }, { hooks, NULL },
};

static const struct db_statement find_table = {
	"schema: find",
	"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'oakum_schema'",
	"SELECT 1 WHERE to_regclass('oakum_schema') IS NOT NULL"
};
static const struct db_statement read_version = { "schema: version",
						  "SELECT version FROM oakum_schema", NULL };
static const struct db_statement write_version = { "schema: version",
						   "UPDATE oakum_schema SET version = $1", NULL };
/* One at a time; until the end of the transaction. SQLite's has the write lock already. */
static const struct db_statement lock = {
	"schema: lock", "SELECT 1",
	"SELECT pg_advisory_xact_lock(7521984, hashtext(current_schema()))"
};
static const struct db_statement unhurried = { "schema: timeout", "SELECT 1",
					       "SET LOCAL statement_timeout = 0" };

int migrate_newest(void)
{
	return sizeof(steps) / sizeof(steps[0]);
}

static int take_int(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(int *)ctx = (int)db_row_int(row, 0);
	return 1;
}

int migrate_version(struct db *db, int *ret, struct oak_error *err)
{
	int there = 0, version = 0;
	int64_t r = db_query(db, &find_table, NULL, 0, take_int, &there, err);

	if (r >= 0 && there)
		r = db_query(db, &read_version, NULL, 0, take_int, &version, err);
	if (r < 0)
		return (int)r;
	*ret = version;
	return 0;
}

static int one_step(struct db *db, int from, struct oak_error *err)
{
	const char *sql = steps[from].sql;
	const struct db_value args[] = { db_int(from + 1) };
	int64_t r;

	if (db_is_postgres(db) && steps[from].postgres)
		sql = steps[from].postgres;
	r = from ? 0
		 : db_script(db,
			     "CREATE TABLE oakum_schema (version BIGINT NOT NULL);"
			     "INSERT INTO oakum_schema (version) VALUES (0);",
			     err);
	if (!r)
		r = db_script(db, sql, err);
	if (!r)
		r = db_run(db, &write_version, args, 1, err);
	return r < 0 ? oak_context(err, "version %d", from + 1) : 0;
}

/* In a transaction. Return: 1: there is more to do; 0: it is as wanted. */
static int locked_step(struct db *db, int to, struct oak_error *err)
{
	int version = 0, none = 0;
	int64_t r = db_run(db, &unhurried, NULL, 0, err);

	if (r >= 0)
		r = db_query(db, &lock, NULL, 0, take_int, &none, err);
	if (r >= 0)
		r = migrate_version(db, &version, err);
	if (r < 0)
		return (int)r;
	if (version > migrate_newest())
		return oak_fail(err, OAK_E_REFUSED,
				"database: its schema has version %d, this program knows %d; take "
				"a newer program, or the backup from before",
				version, migrate_newest());
	if (version >= to)
		return 0;
	r = one_step(db, version, err);
	return r < 0 ? (int)r : 1;
}

int migrate_to(struct db *db, int to, struct oak_error *err)
{
	int more = 1, r;

	assert(to >= 0 && to <= migrate_newest());
	while (more > 0) {
		r = db_begin(db, err);
		if (r < 0)
			return r;
		more = locked_step(db, to, err);
		r = more < 0 ? more : db_commit(db, err);
		if (r < 0) {
			db_rollback(db);
			return r;
		}
	}
	return 0;
}
