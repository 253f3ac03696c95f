/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpm-file: a descriptor as SQLite's file. SQLite opens paths, and a path below another root leads
 * elsewhere; it also locks, and makes files beside a database that is in WAL mode. Here it can do
 * neither: it reads one file, which it is told does not change. Source: sqlite3.h, sqlite3_vfs.
 */
#ifndef OAK_AUDIT_RPM_FILE_H
#define OAK_AUDIT_RPM_FILE_H

#include "audit/rpm-sqlite.h"

#define RPM_VFS_NAME "oakum-descriptor"

struct rpm_file {
	sqlite3_vfs vfs; /* registered from rpm_file_open() to rpm_file_close() */
	struct rpm_sqlite sql;
	sqlite3 *db;
	int fd;
};

/*
 * @f stays at its place until it is closed, which is needed in any case, and one is open at a time.
 * Takes @fd in any case. An SQLite code; SQLITE_NOTFOUND: there is no SQLite.
 */
int rpm_file_open(struct rpm_file *f, int fd);
void rpm_file_close(struct rpm_file *f);

#endif
