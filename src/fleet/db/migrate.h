/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: the schema, forward only. Version N is made of version N-1 by schema/NNN-name.sql (and
 * schema/NNN-name.postgres.sql in its place there), each in one transaction. Types are BIGINT, TEXT and BYTEA,
 * which both databases take. A file that was released never changes.
 */
#ifndef OAK_FLEET_DB_MIGRATE_H
#define OAK_FLEET_DB_MIGRATE_H

#include "fleet/db/db.h"

/* The newest version that this program knows. */
int migrate_newest(void);

/* The database's; 0: empty. */
int migrate_version(struct db *db, int *ret, struct oak_error *err) _must_check_;

/*
 * Brings the schema to version @to (migrate_newest() usually). Two servers may do so at once.
 * Errors: OAK_E_REFUSED: the database is newer than this program.
 */
int migrate_to(struct db *db, int to, struct oak_error *err) _must_check_;

#endif
