/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/db/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fleet/db/db-ops.h"

static const struct db_ops *const databases[] = { &db_sqlite, &db_postgres };

int db_open(const char *url, struct db **ret, struct oak_error *err)
{
	assert(url && ret);
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
		if (!strncmp(url, databases[i]->prefix, strlen(databases[i]->prefix)))
			return databases[i]->open(url, ret, err);
	return oak_fail(err, OAK_E_USAGE,
			"database: neither sqlite:/PATH nor postgresql://HOST/NAME");
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	db->ops->close(db);
}

struct db_value db_text(const char *s)
{
	if (!s)
		return db_null();
	return (struct db_value){ .kind = DB_TEXT, .data = s, .len = strlen(s) };
}

int db_begin(struct db *db, struct oak_error *err)
{
	int r;

	assert(!db->open && !db->busy);
	r = db->ops->ready(db, err);
	if (!r)
		r = db->ops->begin(db, err);
	if (r < 0)
		return r;
	db->open = true;
	db->failed = false;
	return 0;
}

int db_commit(struct db *db, struct oak_error *err)
{
	int r;

	assert(db->open && !db->busy);
	if (db->failed) {
		db_rollback(db);
		return oak_fail(err, OAK_E_FAILED,
				"database: nothing is kept, as a statement of it failed");
	}
	r = db->ops->commit(db, err);
	if (r < 0) {
		db_rollback(db);
		return r;
	}
	db->open = false;
	return 0;
}

void db_rollback(struct db *db)
{
	if (!db->open)
		return;
	db->ops->rollback(db);
	db->open = false;
	db->failed = false;
}

static int64_t call(struct db *db, const struct db_call *c, struct oak_error *err)
{
	int64_t r = 0;

	assert(c->n <= DB_ARGS_MAX);
	/* One of the two databases could do it; what is written for that one fails with the other. */
	if (db->busy)
		return oak_fail(err, OAK_E_FAILED, "database: %s within the rows of another",
				c->s->name);
	if (db->failed)
		return oak_fail(err, OAK_E_FAILED, "database: %s after a statement that failed",
				c->s->name);
	if (!db->open)
		r = db->ops->ready(db, err);
	return r < 0 ? r : db->ops->call(db, c, err);
}

int64_t db_run(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
	       struct oak_error *err)
{
	const struct db_call c = { .s = s, .args = args, .n = n };

	return call(db, &c, err);
}

int64_t db_query(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
		 int (*each)(void *ctx, const struct db_row *row, struct oak_error *err), void *ctx,
		 struct oak_error *err)
{
	const struct db_call c = { .s = s, .args = args, .n = n, .each = each, .ctx = ctx };

	assert(each);
	return call(db, &c, err);
}

int db_script(struct db *db, const char *sql, struct oak_error *err)
{
	int r;

	assert(db->open && !db->busy);
	r = db->ops->script(db, sql, err);
	if (r < 0)
		db->failed = true;
	return r;
}

int64_t db_row_int(const struct db_row *row, int column)
{
	return row->ops->row_int(row, column);
}

const char *db_row_text(const struct db_row *row, int column)
{
	return row->ops->row_text(row, column);
}

const void *db_row_blob(const struct db_row *row, int column, size_t *ret_len)
{
	return row->ops->row_blob(row, column, ret_len);
}

bool db_row_is_null(const struct db_row *row, int column)
{
	return row->ops->row_is_null(row, column);
}

int db_try_lead(struct db *db, bool *ret, struct oak_error *err)
{
	return db->ops->try_lead(db, ret, err);
}

bool db_is_postgres(const struct db *db)
{
	return db->ops->postgres;
}

int db_claim(const char *url, int *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf path = { 0 };
	_cleanup_(closep) int fd = -1;

	*ret = -1;
	if (strncmp(url, db_sqlite.prefix, strlen(db_sqlite.prefix)) != 0)
		return 0;
	if (buf_printf(&path, "%s.lock", url + strlen(db_sqlite.prefix)))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	fd = open(buf_str(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", buf_str(&path));
	if (flock(fd, LOCK_EX | LOCK_NB))
		return oak_fail(err, OAK_E_REFUSED, "%s: another oakum-server uses this database",
				url);
	*ret = take_fd(fd);
	return 0;
}
