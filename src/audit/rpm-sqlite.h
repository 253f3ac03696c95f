/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpm-sqlite: SQLite's library, loaded on hosts of rpm alone. Linked, it would cost every start of
 * every verb a sixth more instructions: docs/decisions/0021.
 */
#ifndef OAK_AUDIT_RPM_SQLITE_H
#define OAK_AUDIT_RPM_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>

/* SQLite's own functions, without their "sqlite3_". */
struct rpm_sqlite {
	void *lib;
	__typeof__(sqlite3_bind_int) *bind_int;
	__typeof__(sqlite3_bind_int64) *bind_int64;
	__typeof__(sqlite3_bind_text) *bind_text;
	__typeof__(sqlite3_close) *close;
	__typeof__(sqlite3_column_blob) *column_blob;
	__typeof__(sqlite3_column_bytes) *column_bytes;
	__typeof__(sqlite3_column_int64) *column_int64;
	__typeof__(sqlite3_db_config) *db_config;
	__typeof__(sqlite3_finalize) *finalize;
	__typeof__(sqlite3_limit) *limit;
	__typeof__(sqlite3_open_v2) *open_v2;
	__typeof__(sqlite3_prepare_v2) *prepare_v2;
	__typeof__(sqlite3_progress_handler) *progress_handler;
	__typeof__(sqlite3_reset) *reset;
	__typeof__(sqlite3_step) *step;
	__typeof__(sqlite3_vfs_register) *vfs_register;
	__typeof__(sqlite3_vfs_unregister) *vfs_unregister;
};

/* False where the library, or one of these, is not there. */
bool rpm_sqlite_load(struct rpm_sqlite *ret);
void rpm_sqlite_unload(struct rpm_sqlite *s);

#endif
