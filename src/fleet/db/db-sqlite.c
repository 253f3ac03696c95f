/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: https://sqlite.org/c3ref, https://sqlite.org/wal.html, https://sqlite.org/rescode.html */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "fleet/db/db-ops.h"
#include "fleet/db/db-sqlite.h"

/* Longer than any transaction of ours takes on a slow disk; then the caller is told to come again. */
#define BUSY_MS 15000

/* A statement that was prepared, found by its address. */
struct prepared {
	const struct db_statement *s;
	sqlite3_stmt *stmt;
	int index[DB_ARGS_MAX]; /* of $1, $2, ... there; 0: it has none such */
};

struct sqlite_db {
	struct db db;
	sqlite3 *handle;
	struct prepared **slots; /* hashed, open addressing, a power of two */
	size_t n, cap;
};

static const struct db_statement begin_statement = { "begin", "BEGIN IMMEDIATE", NULL };
static const struct db_statement commit_statement = { "commit", "COMMIT", NULL };

static struct sqlite_db *of(struct db *db)
{
	return (struct sqlite_db *)(void *)db;
}

static int fail(const struct sqlite_db *s, int rc, const char *what, struct oak_error *err)
{
	static const struct {
		int rc;
		enum oak_code code;
	} codes[] = {
		{ SQLITE_BUSY, OAK_E_AGAIN },      { SQLITE_LOCKED, OAK_E_AGAIN },
		{ SQLITE_NOMEM, OAK_E_NOMEM },     { SQLITE_CONSTRAINT, OAK_E_REFUSED },
		{ SQLITE_NOTADB, OAK_E_FORMAT },   { SQLITE_CORRUPT, OAK_E_FORMAT },
		{ SQLITE_ERROR, OAK_E_FAILED },    { SQLITE_MISUSE, OAK_E_FAILED },
		{ SQLITE_MISMATCH, OAK_E_FAILED }, { SQLITE_TOOBIG, OAK_E_TOOLARGE },
	};
	enum oak_code code = OAK_E_IO;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].rc == (rc & 0xff))
			code = codes[i].code;
	return oak_fail(err, code, "database: %s: %s", what,
			s->handle ? sqlite3_errmsg(s->handle) : sqlite3_errstr(rc));
}

sqlite3 *db_sqlite_handle(struct db *db)
{
	assert(db->ops == &db_sqlite);
	return of(db)->handle;
}

static void sqlite_close(struct db *db)
{
	struct sqlite_db *s = of(db);

	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i]) {
			(void)sqlite3_finalize(s->slots[i]->stmt);
			free(s->slots[i]);
		}
	free(s->slots);
	(void)sqlite3_close(s->handle);
	free(s);
}

/*
 * Ours alone: SQLite would make it as the umask says. A file that is there must not even be opened: closing it
 * would end the locks that other connections of this process have on it (fcntl(2)), and a program that runs
 * beside the server would then take itself for the last one, and delete the log that the server writes.
 */
static int make_file(const char *path, struct oak_error *err)
{
	_cleanup_(closep) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 && errno != EEXIST ? oak_fail_errno(err, errno, "%s", path) : 0;
}

static int sqlite_open(const char *url, struct db **ret, struct oak_error *err)
{
	static const char settings[] =
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
		"PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=4000;"
		"PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;";
	const char *path = url + strlen(db_sqlite.prefix);
	struct sqlite_db *s;
	int r = *path == '/' ? make_file(path, err)
			     : oak_fail(err, OAK_E_USAGE,
					"database: sqlite:/PATH wants an absolute path");
	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->db.ops = &db_sqlite;
	r = sqlite3_open_v2(path, &s->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (!r)
		r = sqlite3_busy_timeout(s->handle, BUSY_MS);
	if (!r)
		r = sqlite3_exec(s->handle, settings, NULL, NULL, NULL);
	if (r) {
		r = fail(s, r, path, err);
		sqlite_close(&s->db);
		return r;
	}
	(void)sqlite3_extended_result_codes(s->handle, 1);
	*ret = &s->db;
	return 0;
}

static size_t slot_of(const struct sqlite_db *s, const struct db_statement *st)
{
	size_t i = ((uintptr_t)st >> 3) * 0x9e3779b1u;

	for (i &= s->cap - 1; s->slots[i] && s->slots[i]->s != st;)
		i = (i + 1) & (s->cap - 1);
	return i;
}

static int grow(struct sqlite_db *s)
{
	struct sqlite_db larger = *s;

	larger.cap = s->cap ? 2 * s->cap : 64;
	larger.slots = calloc(larger.cap, sizeof(struct prepared *));
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i])
			larger.slots[slot_of(&larger, s->slots[i]->s)] = s->slots[i];
	free(s->slots);
	*s = larger;
	return 0;
}

static struct prepared *prepare(struct sqlite_db *s, const struct db_statement *st,
				struct oak_error *err)
{
	struct prepared *p;
	int rc;

	if (s->cap && (p = s->slots[slot_of(s, st)]))
		return p;
	p = 2 * (s->n + 1) > s->cap && grow(s) ? NULL : calloc(1, sizeof(*p));
	if (!p) {
		(void)oak_fail(err, OAK_E_NOMEM, "out of memory");
		return NULL;
	}
	rc = sqlite3_prepare_v3(s->handle, st->sql, -1, SQLITE_PREPARE_PERSISTENT, &p->stmt, NULL);
	if (rc) {
		(void)fail(s, rc, st->name, err);
		free(p);
		return NULL;
	}
	for (int i = 0; i < DB_ARGS_MAX; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "$%d", i + 1);
		p->index[i] = sqlite3_bind_parameter_index(p->stmt, name);
	}
	p->s = st;
	s->slots[slot_of(s, st)] = p;
	s->n++;
	return p;
}

static int bind(sqlite3_stmt *stmt, int at, const struct db_value *v)
{
	switch (v->kind) {
	case DB_INT:
		return sqlite3_bind_int64(stmt, at, v->n);
	case DB_TEXT:
		return sqlite3_bind_text64(stmt, at, v->data, v->len, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(stmt, at, v->len ? v->data : "", v->len, SQLITE_STATIC);
	case DB_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, at);
}

/* Steps over the rows; *ret: how many the callback saw. Return: SQLite's code, or the callback's negative. */
static int step(struct sqlite_db *s, struct prepared *p, const struct db_call *c, int64_t *ret,
		struct oak_error *err)
{
	const struct db_row row = { .ops = &db_sqlite, .at = p->stmt };
	int rc, r = 0;

	while ((rc = sqlite3_step(p->stmt)) == SQLITE_ROW && c->each) {
		(*ret)++;
		s->db.busy = true;
		r = c->each(c->ctx, &row, err);
		s->db.busy = false;
		if (r)
			break;
	}
	if (r < 0)
		return r;
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : rc;
}

static int64_t sqlite_call(struct db *db, const struct db_call *c, struct oak_error *err)
{
	struct sqlite_db *s = of(db);
	struct prepared *p = prepare(s, c->s, err);
	int64_t rows = 0;
	int rc = 0;

	if (!p) {
		db->failed = db->open;
		return -OAK_E_FAILED;
	}
	for (size_t i = 0; i < c->n && !rc; i++)
		if (p->index[i])
			rc = bind(p->stmt, p->index[i], &c->args[i]);
	if (!rc)
		rc = step(s, p, c, &rows, err);
	if (rc > 0) {
		/* Out of space, say: SQLite may have given up the whole transaction. */
		db->failed = db->open;
		rc = fail(s, rc, c->s->name, err);
	}
	if (!c->each)
		rows = sqlite3_changes64(s->handle);
	(void)sqlite3_reset(p->stmt);
	return rc < 0 ? rc : rows;
}

static int sqlite_ready(_unused_ struct db *db, _unused_ struct oak_error *err)
{
	return 0;
}

static int simple(struct db *db, const struct db_statement *st, struct oak_error *err)
{
	const struct db_call c = { .s = st };
	int64_t r = sqlite_call(db, &c, err);

	return r < 0 ? (int)r : 0;
}

static int sqlite_begin(struct db *db, struct oak_error *err)
{
	return simple(db, &begin_statement, err);
}

static int sqlite_commit(struct db *db, struct oak_error *err)
{
	if (sqlite3_get_autocommit(of(db)->handle))
		return oak_fail(err, OAK_E_IO, "database: the transaction was given up");
	return simple(db, &commit_statement, err);
}

static void sqlite_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(of(db)->handle))
		(void)sqlite3_exec(of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int sqlite_script(struct db *db, const char *sql, struct oak_error *err)
{
	int rc = sqlite3_exec(of(db)->handle, sql, NULL, NULL, NULL);

	return rc ? fail(of(db), rc, "schema", err) : 0;
}

static int sqlite_try_lead(_unused_ struct db *db, bool *ret, _unused_ struct oak_error *err)
{
	*ret = true;
	return 0;
}

static int64_t sqlite_row_int(const struct db_row *row, int column)
{
	return sqlite3_column_int64(row->at, column);
}

static const char *sqlite_row_text(const struct db_row *row, int column)
{
	const char *s = (const char *)sqlite3_column_text(row->at, column);

	return s ? s : "";
}

static const void *sqlite_row_blob(const struct db_row *row, int column, size_t *ret_len)
{
	const void *p = sqlite3_column_blob(row->at, column);

	*ret_len = (size_t)sqlite3_column_bytes(row->at, column);
	return p ? p : "";
}

static bool sqlite_row_is_null(const struct db_row *row, int column)
{
	return sqlite3_column_type(row->at, column) == SQLITE_NULL;
}

const struct db_ops db_sqlite = {
	.prefix = "sqlite:",
	.open = sqlite_open,
	.close = sqlite_close,
	.ready = sqlite_ready,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.call = sqlite_call,
	.script = sqlite_script,
	.try_lead = sqlite_try_lead,
	.row_int = sqlite_row_int,
	.row_text = sqlite_row_text,
	.row_blob = sqlite_row_blob,
	.row_is_null = sqlite_row_is_null,
};
