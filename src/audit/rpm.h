/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpm: which package a file belongs to, from rpm's own database: rpmdb.sqlite in
 * usr/lib/sysimage/rpm or var/lib/rpm, as rpm 4.16 and later write it. Older ones (Berkeley DB, ndb)
 * are named and not read. Nothing is written beside it, nothing is locked: docs/decisions/0021.
 *
 * The database belongs to a host that may not be ours (--root): what SQLite does with it is bounded
 * in time and memory.
 */
#ifndef OAK_AUDIT_RPM_H
#define OAK_AUDIT_RPM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define RPM_WHY_MAX 160

struct rpm_package {
	char name[128];
	char version[128];  /* "4:1.1.9-2.el9" */
	char upstream[128]; /* "1.1.9" */
	struct buf changelog;
};

enum rpm_state {
	RPM_NONE, /* rpm is not on this host */
	RPM_READ,
	RPM_UNREADABLE,
};

struct rpm_db;

/* @ret is set where it is RPM_READ; else @why says what to do ("" for RPM_NONE). */
enum rpm_state rpm_open(int root, struct rpm_db **ret, char why[RPM_WHY_MAX]);
void rpm_close(struct rpm_db *db); /* NULL is fine */
const char *rpm_path(const struct rpm_db *db);

/*
 * The package that has the file, by that name or by another of the same file: folders were merged.
 * RPM_NONE where none has it. The caller frees the changelog.
 */
enum rpm_state rpm_owner(struct rpm_db *db, const char *path, struct rpm_package *ret,
			 char why[RPM_WHY_MAX]);

/*
 * The version of the project: "1.1.0" of "1.1.0^20240101git", "1.0.0-rc95" of "1.0.0~rc95" and of
 * version 1.0.0 with release "74.rc95.module+el8". Pure.
 */
void rpm_upstream(const char *version, const char *release, char *ret, size_t size);

#endif
