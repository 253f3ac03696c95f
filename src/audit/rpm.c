/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/rpm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"
#include "audit/rpm-file.h"
#include "audit/rpm-header.h"
#include "audit/version.h"
#include "base/cleanup.h"
#include "host/plain.h"

#define HEADER_MAX     (32 << 20) /* a kernel's is some MiB */
#define CHANGELOG_MAX  (4u << 20)
#define CANDIDATES_MAX 256 /* files of one name */
#define OWN_PATH_MAX   4096
/* What one look-up may cost, in operations of SQLite: a scan of a million files, if need be. */
#define STEP      10000
#define STEPS_MAX 2000u

struct rpm_db {
	struct rpm_file file;
	struct stat st; /* as it was opened */
	int root;
	const char *path;
	unsigned steps;
};

static const char *const folders[] = { "/usr/lib/sysimage/rpm", "/var/lib/rpm" };
static const char *const databases[] = { "/usr/lib/sysimage/rpm/rpmdb.sqlite",
					 "/var/lib/rpm/rpmdb.sqlite" };
#define N_FOLDERS (sizeof(folders) / sizeof(folders[0]))

static enum rpm_state unreadable(char why[RPM_WHY_MAX], const char *what, const char *more)
{
	(void)snprintf(why, RPM_WHY_MAX, "%s%s", what, more);
	return RPM_UNREADABLE;
}

/* There is no rpmdb.sqlite: what is there instead? */
static enum rpm_state name_old(int root, char why[RPM_WHY_MAX])
{
	static const struct {
		const char *file, *what;
	} old[] = {
		{ "Packages.db", "rpm keeps its packages in an ndb database (Packages.db)" },
		{ "Packages", "rpm keeps its packages in a Berkeley DB database (Packages)" },
	};

	for (size_t i = 0; i < N_FOLDERS; i++) {
		for (size_t k = 0; k < sizeof(old) / sizeof(old[0]); k++) {
			char path[64];
			struct stat st;

			(void)snprintf(path, sizeof(path), "%s/%s", folders[i], old[k].file);
			if (inside_stat(root, path, &st) == 0)
				return unreadable(why, old[k].what, ", which is not read");
		}
	}
	why[0] = '\0';
	return RPM_NONE;
}

/* Changes that are not in the database yet, though they count: of an rpm that runs, or was killed. */
static bool has_pending(const struct rpm_db *db)
{
	static const char *const ends[] = { "-wal", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char path[64];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s%s", db->path, ends[i]);
		if (inside_stat(db->root, path, &st) == 0 && st.st_size > 0)
			return true;
	}
	return false;
}

static bool has_changed(const struct rpm_db *db)
{
	struct stat st;

	return fstat(db->file.fd, &st) < 0 || st.st_size != db->st.st_size ||
	       st.st_mtim.tv_sec != db->st.st_mtim.tv_sec ||
	       st.st_mtim.tv_nsec != db->st.st_mtim.tv_nsec || has_pending(db);
}

static enum rpm_state is_busy(char why[RPM_WHY_MAX])
{
	return unreadable(why, "rpm changes its database, or was cut off: ",
			  "audit again when it is done, or after rpm --initdb");
}

static int count_steps(void *arg)
{
	struct rpm_db *db = arg;

	return ++db->steps > STEPS_MAX;
}

/* The schema may be anybody's: it runs no functions of its own, and not for ever. */
static void bound(struct rpm_db *db)
{
	const struct rpm_sqlite *sql = &db->file.sql;
	sqlite3 *s = db->file.db;

	(void)sql->db_config(s, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sql->db_config(s, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sql->db_config(s, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	(void)sql->db_config(s, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sql->limit(s, SQLITE_LIMIT_LENGTH, HEADER_MAX);
	sql->progress_handler(s, STEP, count_steps, db);
}

enum rpm_state rpm_open(int root, struct rpm_db **ret, char why[RPM_WHY_MAX])
{
	struct rpm_db *db;
	int fd = -ENOENT, r;
	size_t i = 0;

	why[0] = '\0';
	while (fd == -ENOENT && i < N_FOLDERS)
		fd = inside_open(root, databases[i++], O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd == -EACCES)
		return unreadable(why, "rpm's database may not be read: ", "audit as root");
	if (fd < 0)
		return name_old(root, why);
	db = calloc(1, sizeof(*db));
	if (!db) {
		(void)close(fd);
		return unreadable(why, "out of memory", "");
	}
	db->root = root;
	db->path = databases[i - 1];
	r = rpm_file_open(&db->file, fd);
	if (r == SQLITE_NOTFOUND) {
		rpm_close(db);
		return unreadable(why, "rpm's database is read by libsqlite3.so.0, ",
				  "which is not installed");
	}
	if (fstat(fd, &db->st) < 0 || !S_ISREG(db->st.st_mode) || r != SQLITE_OK) {
		rpm_close(db);
		return unreadable(why, "rpm's database cannot be opened", "");
	}
	if (has_pending(db)) {
		rpm_close(db);
		return is_busy(why);
	}
	bound(db);
	*ret = db;
	return RPM_READ;
}

void rpm_close(struct rpm_db *db)
{
	if (!db)
		return;
	rpm_file_close(&db->file);
	free(db);
}

const char *rpm_path(const struct rpm_db *db)
{
	return db->path;
}

static bool is_same_file(int root, const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return inside_stat(root, a, &x) == 0 && inside_stat(root, b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void rpm_upstream(const char *version, const char *release, char *ret, size_t size)
{
	static const char *const pre[] = { "rc", "beta", "alpha" };
	char before[VERSION_MAX];

	/* What follows it was taken from the project's tree after that version. */
	(void)snprintf(before, sizeof(before), "%.*s", (int)strcspn(version, "^"), version);
	version_upstream(before, ret, size);
	if (strchr(ret, '-'))
		return;
	for (size_t i = 0; i < sizeof(pre) / sizeof(pre[0]); i++) {
		const char *at = strstr(release, pre[i]);
		size_t used = strlen(ret), n = strlen(pre[i]);

		if (!at || (at > release && at[-1] != '.') || at[n] < '0' || at[n] > '9')
			continue;
		(void)snprintf(ret + used, size - used, "-%.*s", (int)strcspn(at, "._+~-"), at);
		return;
	}
}

static bool take(const struct rpm_header *h, struct rpm_package *ret)
{
	struct rpm_package p = { .changelog = { 0 } };
	char version[sizeof(p.version)], upstream[sizeof(p.upstream)];
	const char *name = rpm_header_text(h, RPM_NAME);

	if (!name || !rpm_header_version(h, version, sizeof(version)))
		return false;
	plain_copy(p.name, sizeof(p.name), name);
	plain_copy(p.version, sizeof(p.version), version);
	rpm_upstream(rpm_header_text(h, RPM_VERSION), rpm_header_text(h, RPM_RELEASE), upstream,
		     sizeof(upstream));
	plain_copy(p.upstream, sizeof(p.upstream), upstream);
	if (rpm_header_changelog(h, CHANGELOG_MAX, &p.changelog) < 0)
		buf_free(&p.changelog);
	*ret = p;
	return true;
}

/* Package @hnum, if its file @idx is the one that is looked for; RPM_NONE where it is not. */
static enum rpm_state try_package(struct rpm_db *db, sqlite3_stmt *blob, sqlite3_stmt *row,
				  const char *path, struct rpm_package *ret)
{
	const struct rpm_sqlite *sql = &db->file.sql;
	sqlite3_int64 idx = sql->column_int64(row, 1);
	char file[OWN_PATH_MAX];
	struct rpm_header h;

	(void)sql->bind_int64(blob, 1, sql->column_int64(row, 0));
	if (sql->step(blob) != SQLITE_ROW || idx < 0)
		return RPM_UNREADABLE;
	if (!sql->column_blob(blob, 0) ||
	    !rpm_header_parse(sql->column_blob(blob, 0), (size_t)sql->column_bytes(blob, 0), &h) ||
	    !rpm_header_file(&h, (size_t)idx, file, sizeof(file)))
		return RPM_UNREADABLE;
	if (!is_same_file(db->root, file, path))
		return RPM_NONE;
	return take(&h, ret) ? RPM_READ : RPM_UNREADABLE;
}

static enum rpm_state look_for(struct rpm_db *db, sqlite3_stmt *rows, sqlite3_stmt *blob,
			       const char *path, struct rpm_package *ret)
{
	const struct rpm_sqlite *sql = &db->file.sql;
	const char *slash = strrchr(path, '/');
	enum rpm_state state = RPM_NONE;
	int r = SQLITE_DONE;

	(void)sql->bind_text(rows, 1, slash ? slash + 1 : path, -1, SQLITE_STATIC);
	(void)sql->bind_int(rows, 2, CANDIDATES_MAX);
	while (state == RPM_NONE && (r = sql->step(rows)) == SQLITE_ROW) {
		state = try_package(db, blob, rows, path, ret);
		(void)sql->reset(blob);
	}
	return state == RPM_NONE && r != SQLITE_DONE ? RPM_UNREADABLE : state;
}

enum rpm_state rpm_owner(struct rpm_db *db, const char *path, struct rpm_package *ret,
			 char why[RPM_WHY_MAX])
{
	const struct rpm_sqlite *sql = &db->file.sql;
	/*
	 * The youngest first: of packages that stand beside each other, what is there is its. The
	 * index of rpm is named because statistics of a database that was small make SQLite walk
	 * through all files.
	 */
	static const char *const find[] = {
		"SELECT hnum, idx FROM Basenames INDEXED BY Basenames_key_idx WHERE key = ?1 "
		"ORDER BY hnum DESC LIMIT ?2",
		"SELECT hnum, idx FROM Basenames WHERE key = ?1 ORDER BY hnum DESC LIMIT ?2",
	};
	static const char get[] = "SELECT blob FROM Packages WHERE hnum = ?1";
	sqlite3_stmt *rows = NULL, *blob = NULL;
	enum rpm_state state = RPM_UNREADABLE;

	db->steps = 0;
	if ((sql->prepare_v2(db->file.db, find[0], -1, &rows, NULL) == SQLITE_OK ||
	     sql->prepare_v2(db->file.db, find[1], -1, &rows, NULL) == SQLITE_OK) &&
	    sql->prepare_v2(db->file.db, get, -1, &blob, NULL) == SQLITE_OK)
		state = look_for(db, rows, blob, path, ret);
	(void)sql->finalize(rows);
	(void)sql->finalize(blob);
	if (has_changed(db)) {
		if (state == RPM_READ)
			buf_free(&ret->changelog);
		return is_busy(why);
	}
	if (state == RPM_UNREADABLE)
		return unreadable(why, "rpm's database is damaged: ", "rpmdb --verifydb says more");
	return state;
}
