/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: https://sqlite.org/backup.html, https://sqlite.org/howtocorrupt.html */
#include "fleet/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "fleet/db/db-sqlite.h"
#include "fleet/db/migrate.h"
#include "fleet/store/audit.h"
#include "fleet/store/rows.h"

#define URL_PREFIX "sqlite:"
#define PAGES      2048 /* between two looks at whether it went wrong */

static const struct db_statement pages = { "backup: pages", "PRAGMA quick_check(1)", "SELECT 'ok'" };
static const struct db_statement count_hosts = { "backup: hosts", "SELECT COUNT(*) FROM hosts",
						 NULL };

static int not_postgres(const struct db *db, struct oak_error *err)
{
	if (db_is_postgres(db))
		return oak_fail(err, OAK_E_USAGE,
				"database: PostgreSQL has tools of its own: pg_dump, pg_restore");
	return 0;
}

static int take_verdict(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	(void)snprintf(ctx, 128, "%s", db_row_text(row, 0));
	return 1;
}

int store_check(struct db *db, struct store_check *ret, struct oak_error *err)
{
	struct store_check c = { .version = 0 };
	char verdict[128] = "";
	int64_t r = db_query(db, &pages, NULL, 0, take_verdict, verdict, err);

	if (r >= 0 && strcmp(verdict, "ok") != 0)
		r = oak_fail(err, OAK_E_FORMAT, "database: damaged: %s", verdict);
	if (r >= 0)
		r = migrate_version(db, &c.version, err);
	if (r >= 0 && (c.version < 1 || c.version > migrate_newest()))
		r = oak_fail(err, c.version < 1 ? OAK_E_FORMAT : OAK_E_REFUSED,
			     "database: its schema has version %d, this program knows 1 to %d",
			     c.version, migrate_newest());
	if (r >= 0)
		r = audit_verify(db, &c.audit_entries, err);
	if (r >= 0)
		r = db_query(db, &count_hosts, NULL, 0, rows_int, &c.hosts, err);
	if (r < 0)
		return (int)r;
	*ret = c;
	return 0;
}

/*
 * All pages of one moment: the transaction that is open for reading keeps them, whatever is written meanwhile. Without it
 * each write of another connection would let the copy start again.
 */
static int copy_pages(sqlite3 *from, sqlite3 *to, struct oak_error *err)
{
	sqlite3_backup *b;
	int rc = sqlite3_exec(from, "BEGIN; SELECT COUNT(*) FROM sqlite_master", NULL, NULL, NULL);

	b = rc ? NULL : sqlite3_backup_init(to, "main", from, "main");
	do
		rc = b ? sqlite3_backup_step(b, PAGES) : SQLITE_ERROR;
	while (rc == SQLITE_OK);
	if (b)
		(void)sqlite3_backup_finish(b);
	(void)sqlite3_exec(from, "ROLLBACK", NULL, NULL, NULL);
	if (rc == SQLITE_DONE)
		return 0;
	return oak_fail(err, OAK_E_IO, "backup: %s", b ? sqlite3_errmsg(to) : sqlite3_errmsg(from));
}

static void remove_all(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		_cleanup_(buf_free) struct buf name = { 0 };

		if (!buf_printf(&name, "%s%s", path, ends[i]))
			(void)unlink(buf_str(&name));
	}
}

/* The names of a copy that is not complete yet. */
struct names {
	struct buf path, url;
};

static void names_clear(struct names *n)
{
	buf_free(&n->path);
	buf_free(&n->url);
}

static int names_of(const char *path, struct names *ret, struct oak_error *err)
{
	if (path[0] != '/')
		return oak_fail(err, OAK_E_USAGE, "%s: an absolute path is wanted", path);
	if (buf_printf(&ret->path, "%s.part", path) ||
	    buf_printf(&ret->url, URL_PREFIX "%s", buf_str(&ret->path)))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int sync_file(const char *path, struct oak_error *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 || fsync(fd) ? oak_fail_errno(err, errno, "%s", path) : 0;
}

/* A checked copy of @from at the names' path, on disk. */
static int copy_checked(struct db *from, const struct names *n, struct store_check *ret,
			struct oak_error *err)
{
	struct db *copy = NULL;
	int r;

	remove_all(buf_str(&n->path));
	r = db_open(buf_str(&n->url), &copy, err);
	if (r < 0)
		return r;
	r = copy_pages(db_sqlite_handle(from), db_sqlite_handle(copy), err);
	db_close(copy);
	/* Opened anew: what is read then is what is in the file. */
	copy = NULL;
	if (!r)
		r = db_open(buf_str(&n->url), &copy, err);
	if (!r)
		r = store_check(copy, ret, err);
	db_close(copy);
	return r ? r : sync_file(buf_str(&n->path), err);
}

int store_backup(struct db *db, const char *path, struct store_check *ret, struct oak_error *err)
{
	_cleanup_(names_clear) struct names n = { 0 };
	struct store_check c = { .version = 0 };
	int r = not_postgres(db, err);

	if (!r)
		r = names_of(path, &n, err);
	if (r < 0)
		return r;
	r = copy_checked(db, &n, &c, err);
	if (!r && rename(buf_str(&n.path), path))
		r = oak_fail_errno(err, errno, "%s", path);
	if (!r)
		r = file_sync_entry(AT_FDCWD, path, err);
	if (r < 0) {
		remove_all(buf_str(&n.path));
		return r;
	}
	*ret = c;
	return 0;
}

/*
 * Puts the copy in the place of the database. Its log first goes into the old one: left beside, SQLite would play it
 * into the new one.
 */
static int exchange(const char *path, const char *part, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf before = { 0 }, url = { 0 };
	struct oak_error ignored;
	struct db *old = NULL;

	if (buf_printf(&before, "%s.before", path) || buf_printf(&url, URL_PREFIX "%s", path))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, path)) {
		/* One that is damaged does not open; it is kept as it is, without its log. */
		if (!db_open(buf_str(&url), &old, &ignored))
			db_close(old);
		if (link(path, buf_str(&before)) &&
		    (errno != EEXIST || unlink(buf_str(&before)) || link(path, buf_str(&before))))
			return oak_fail_errno(err, errno, "%s", buf_str(&before));
	}
	buf_free(&before);
	if (buf_printf(&before, "%s-wal", path))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)unlink(buf_str(&before));
	if (rename(part, path))
		return oak_fail_errno(err, errno, "%s", path);
	return file_sync_entry(AT_FDCWD, path, err);
}

int store_restore(const char *url, const char *backup, struct store_check *ret,
		  struct oak_error *err)
{
	_cleanup_(names_clear) struct names n = { 0 };
	_cleanup_(buf_free) struct buf from_url = { 0 };
	_cleanup_(db_closep) struct db *from = NULL;
	_cleanup_(closep) int claim = -1;
	struct store_check c = { .version = 0 };
	int r;

	if (strncmp(url, URL_PREFIX, strlen(URL_PREFIX)) != 0)
		return oak_fail(err, OAK_E_USAGE,
				"database: PostgreSQL has tools of its own: pg_dump, pg_restore");
	if (!file_exists(AT_FDCWD, backup))
		return oak_fail(err, OAK_E_NOTFOUND, "%s: not there", backup);
	if (buf_printf(&from_url, URL_PREFIX "%s", backup))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = db_claim(url, &claim, err);
	if (!r)
		r = names_of(url + strlen(URL_PREFIX), &n, err);
	if (!r)
		r = db_open(buf_str(&from_url), &from, err);
	if (!r)
		r = copy_checked(from, &n, &c, err);
	if (!r)
		r = exchange(url + strlen(URL_PREFIX), buf_str(&n.path), err);
	if (r < 0) {
		if (n.path.len)
			remove_all(buf_str(&n.path));
		return r;
	}
	*ret = c;
	return 0;
}
