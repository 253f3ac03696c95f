/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backup: a copy of an SQLite database while servers use it, and its way back. For PostgreSQL pg_dump and
 * pg_restore are the tools; these functions say so (OAK_E_USAGE).
 */
#ifndef OAK_FLEET_STORE_BACKUP_H
#define OAK_FLEET_STORE_BACKUP_H

#include "fleet/db/db.h"

struct store_check {
	int version;            /* of its schema */
	uint64_t audit_entries; /* whose chain verifies */
	int64_t hosts;
};

/*
 * What can be known of a database from itself: its pages, the version of its schema, the audit chain.
 * Errors: OAK_E_FORMAT (damaged), OAK_E_REFUSED (newer than this program), OAK_E_TRUST (the chain).
 */
int store_check(struct db *db, struct store_check *ret, struct oak_error *err) _must_check_;

/**
 * store_backup() - the database as it is at one moment, into a new file
 * @path: replaced at once, when the copy is complete, checked, and on disk; mode 0600
 *
 * Readers and writers go on meanwhile.
 */
int store_backup(struct db *db, const char *path, struct store_check *ret, struct oak_error *err)
	_must_check_;

/**
 * store_restore() - a backup becomes the database
 *
 * Refused while a server runs (db_claim()). The backup is checked first, and stays. What was the database before is
 * left beside it as "<path>.before".
 */
int store_restore(const char *url, const char *backup, struct store_check *ret,
		  struct oak_error *err) _must_check_;

#endif
