/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: https://www.postgresql.org/docs/15/libpq.html, https://www.postgresql.org/docs/15/errcodes-appendix.html */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/db/db-ops.h"

#define CONNECT_S "5"
#define OID_TEXT  25
#define BLOBS_MAX 8 /* in one row */

struct postgres_db {
	struct db db;
	PGconn *c;
	char *url;
	const struct db_statement **prepared; /* statement N is "sN" there */
	size_t n, cap;
	bool leads;
};

/* A statement that waits for longer is not worth it; an idle transaction would hold up all servers. */
static const char session[] = "SET statement_timeout = '30s'; SET lock_timeout = '15s';"
			      "SET idle_in_transaction_session_timeout = '60s';"
			      "SET synchronous_commit = on; SET client_min_messages = error;"
			      "SET standard_conforming_strings = on; SET bytea_output = hex;";

static const struct db_statement alive = { "lead: alive", "SELECT 1", NULL };
static const struct db_statement try_lead = {
	"lead", "SELECT 1", "SELECT pg_try_advisory_lock(7521983, hashtext(current_schema()))::int"
};

struct postgres_row {
	PGresult *res;
	unsigned char *blobs[BLOBS_MAX];
	size_t n_blobs;
};

static struct postgres_db *of(struct db *db)
{
	return (struct postgres_db *)(void *)db;
}

static void result_clearp(PGresult **res)
{
	PQclear(*res);
}

/* The longest beginning of SQLSTATE counts. */
static enum oak_code code_of(const char *state, bool lost)
{
	static const struct {
		const char *state;
		enum oak_code code;
	} codes[] = {
		{ "08", OAK_E_AGAIN },
		{ "40", OAK_E_AGAIN },
		{ "55P03", OAK_E_AGAIN },
		{ "57", OAK_E_AGAIN },
		{ "53300", OAK_E_AGAIN },
		{ "53100", OAK_E_IO },
		{ "53200", OAK_E_AGAIN },
		{ "25P03", OAK_E_AGAIN },
		{ "25P02", OAK_E_FAILED },
		{ "25006", OAK_E_AGAIN },
		{ "23", OAK_E_REFUSED },
		{ "28", OAK_E_PERMISSION },
		{ "42501", OAK_E_PERMISSION },
		{ "3D000", OAK_E_NOTFOUND },
		{ "58", OAK_E_IO },
		{ "22021", OAK_E_FORMAT },
		{ "22P05", OAK_E_FORMAT },
	};

	for (size_t i = 0; state && i < sizeof(codes) / sizeof(codes[0]); i++)
		if (!strncmp(state, codes[i].state, strlen(codes[i].state)))
			return codes[i].code;
	return lost ? OAK_E_AGAIN : OAK_E_FAILED;
}

static int fail(struct postgres_db *p, const PGresult *res, const char *what, struct oak_error *err)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	size_t len;

	if (!text)
		text = PQerrorMessage(p->c);
	len = strcspn(text, "\n");
	return oak_fail(err, code_of(state, PQstatus(p->c) != CONNECTION_OK), "database: %s: %.*s",
			what, (int)(len < 400 ? len : 400), text);
}

static void ignore_notice(_unused_ void *arg, _unused_ const PGresult *res)
{
}

static void disconnect(struct postgres_db *p)
{
	PQfinish(p->c);
	p->c = NULL;
	p->n = 0;
	p->leads = false;
}

static int connect_to(struct postgres_db *p, struct oak_error *err)
{
	/* What stands in the URL, which comes later, wins. */
	const char *const keys[] = { "connect_timeout", "application_name", "dbname",
				     "client_encoding", NULL };
	const char *const values[] = { CONNECT_S, "oakum-server", p->url, "UTF8", NULL };
	_cleanup_(result_clearp) PGresult *res = NULL;
	int r;

	disconnect(p);
	p->c = PQconnectdbParams(keys, values, 1);
	if (!p->c)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (PQstatus(p->c) != CONNECTION_OK) {
		r = fail(p, NULL, "connect", err);
		disconnect(p);
		return r;
	}
	(void)PQsetNoticeReceiver(p->c, ignore_notice, NULL);
	res = PQexec(p->c, session);
	if (PQresultStatus(res) == PGRES_COMMAND_OK)
		return 0;
	r = fail(p, res, "connect", err);
	disconnect(p);
	return r;
}

static void postgres_close(struct db *db)
{
	struct postgres_db *p = of(db);

	disconnect(p);
	free(p->prepared);
	free(p->url);
	free(p);
}

static int postgres_open(const char *url, struct db **ret, struct oak_error *err)
{
	struct postgres_db *p = calloc(1, sizeof(*p));
	int r;

	if (p)
		p->url = strdup(url);
	if (!p || !p->url) {
		free(p);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	p->db.ops = &db_postgres;
	r = connect_to(p, err);
	if (r < 0) {
		postgres_close(&p->db);
		return r;
	}
	*ret = &p->db;
	return 0;
}

/*
 * A server that went away has closed our socket: seen here, before anything is asked of it. Its farewell
 * comes first, the end of the stream after that.
 */
static bool is_alive(PGconn *c)
{
	struct pollfd fd = { .fd = PQsocket(c), .events = POLLIN };

	while (PQstatus(c) == CONNECTION_OK) {
		if (poll(&fd, 1, 0) <= 0)
			return true;
		if (!PQconsumeInput(c))
			return false;
	}
	return false;
}

static int postgres_ready(struct db *db, struct oak_error *err)
{
	struct postgres_db *p = of(db);

	return p->c && is_alive(p->c) ? 0 : connect_to(p, err);
}

static const char *text_of(const struct db_statement *s)
{
	return s->postgres ? s->postgres : s->sql;
}

/* Which parameters the text has. Those between that it lacks need a type, or PostgreSQL refuses it. */
static int parameters_of(const char *sql, Oid types[DB_ARGS_MAX])
{
	bool used[DB_ARGS_MAX] = { false };
	int max = 0;

	for (const char *s = strchr(sql, '$'); s; s = strchr(s + 1, '$')) {
		int n = 0;

		for (const char *d = s + 1; *d >= '0' && *d <= '9' && n <= DB_ARGS_MAX; d++)
			n = 10 * n + (*d - '0');
		if (n < 1 || n > DB_ARGS_MAX)
			continue;
		used[n - 1] = true;
		max = n > max ? n : max;
	}
	for (int i = 0; i < max; i++)
		types[i] = used[i] ? 0 : OID_TEXT;
	return max;
}

static int remember(struct postgres_db *p, const struct db_statement *s, struct oak_error *err)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;
		const struct db_statement **more =
			reallocarray(p->prepared, cap, sizeof(*p->prepared));

		if (!more)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		p->prepared = more;
		p->cap = cap;
	}
	p->prepared[p->n++] = s;
	return 0;
}

/* Return: the statement's number, or an error. */
static int prepare(struct postgres_db *p, const struct db_statement *s, struct oak_error *err)
{
	_cleanup_(result_clearp) PGresult *res = NULL;
	Oid types[DB_ARGS_MAX];
	char name[24];
	int n, r;

	for (size_t i = 0; i < p->n; i++)
		if (p->prepared[i] == s)
			return (int)i;
	n = parameters_of(text_of(s), types);
	(void)snprintf(name, sizeof(name), "s%zu", p->n);
	res = PQprepare(p->c, name, text_of(s), n, types);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		return fail(p, res, s->name, err);
	r = remember(p, s, err);
	return r < 0 ? r : (int)p->n - 1;
}

/* Sends it. Numbers go as text, which PostgreSQL reads as whatever the statement wants there. */
static int send_call(struct postgres_db *p, const struct db_call *c, struct oak_error *err)
{
	const char *values[DB_ARGS_MAX] = { NULL };
	int lengths[DB_ARGS_MAX] = { 0 }, formats[DB_ARGS_MAX] = { 0 };
	char numbers[DB_ARGS_MAX][24], name[24];
	Oid types[DB_ARGS_MAX];
	int statement = prepare(p, c->s, err), n;

	if (statement < 0)
		return statement;
	n = parameters_of(text_of(c->s), types);
	assert((size_t)n <= c->n);
	for (int i = 0; i < n; i++) {
		const struct db_value *v = &c->args[i];

		if (v->kind == DB_INT) {
			(void)snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, v->n);
			values[i] = numbers[i];
		} else if (v->kind != DB_NULL) {
			values[i] = v->len || v->kind == DB_TEXT ? v->data : "";
			lengths[i] = (int)v->len;
			formats[i] = v->kind == DB_BLOB;
		}
	}
	(void)snprintf(name, sizeof(name), "s%d", statement);
	if (!PQsendQueryPrepared(p->c, name, n, values, lengths, formats, 0) ||
	    (c->each && !PQsetSingleRowMode(p->c)))
		return fail(p, NULL, c->s->name, err);
	return 0;
}

static int one_row(struct postgres_db *p, PGresult *res, const struct db_call *c,
		   struct oak_error *err)
{
	struct postgres_row at = { .res = res };
	const struct db_row row = { .ops = &db_postgres, .at = &at };
	int r;

	p->db.busy = true;
	r = c->each(c->ctx, &row, err);
	p->db.busy = false;
	for (size_t i = 0; i < at.n_blobs; i++)
		PQfreemem(at.blobs[i]);
	return r;
}

/* "12" of a command's result. */
static int64_t number(const char *s)
{
	bool minus = *s == '-';
	uint64_t n = 0; /* the least number has no positive one */

	for (s += minus; *s >= '0' && *s <= '9'; s++)
		n = 10 * n + (uint64_t)(*s - '0');
	return (int64_t)(minus ? 0 - n : n);
}

/* Whoever has enough rows gets no more; the rest is thrown away, as it is on its way already. */
static int64_t receive(struct postgres_db *p, const struct db_call *c, struct oak_error *err)
{
	int64_t rows = 0, r = 0;
	bool enough = false, failed = false;
	PGresult *res;

	while ((res = PQgetResult(p->c))) {
		ExecStatusType status = PQresultStatus(res);

		if (status == PGRES_SINGLE_TUPLE && !enough) {
			int each = one_row(p, res, c, err);

			rows++;
			enough = each != 0;
			r = each < 0 ? each : r;
		} else if (status == PGRES_COMMAND_OK || (status == PGRES_TUPLES_OK && !c->each)) {
			rows = number(PQcmdTuples(res));
		} else if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE) {
			r = fail(p, res, c->s->name, err);
			failed = true;
		}
		PQclear(res);
	}
	if (!failed && PQstatus(p->c) != CONNECTION_OK) {
		r = fail(p, NULL, c->s->name, err);
		failed = true;
	}
	p->db.failed = failed && p->db.open;
	return r < 0 ? r : rows;
}

static int64_t postgres_call(struct db *db, const struct db_call *c, struct oak_error *err)
{
	struct postgres_db *p = of(db);
	int r = send_call(p, c, err);

	if (!r)
		return receive(p, c, err);
	db->failed = db->open;
	return r;
}

/* One command, or several, without parameters. */
static int simple(struct postgres_db *p, const char *sql, const char *what, const char *tag,
		  struct oak_error *err)
{
	_cleanup_(result_clearp) PGresult *res = p->c ? PQexec(p->c, sql) : NULL;

	if (!p->c)
		return oak_fail(err, OAK_E_AGAIN, "database: %s: not connected", what);
	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_EMPTY_QUERY)
		return fail(p, res, what, err);
	if (tag && strcmp(PQcmdStatus(res), tag) != 0)
		return oak_fail(err, OAK_E_FAILED, "database: %s: the transaction was given up",
				what);
	return 0;
}

static int postgres_begin(struct db *db, struct oak_error *err)
{
	struct postgres_db *p = of(db);
	int r = simple(p, "BEGIN", "begin", "BEGIN", err);

	/* It went away between; nothing of ours was on the way. */
	if (r < 0 && (!p->c || PQstatus(p->c) != CONNECTION_OK)) {
		r = connect_to(p, err);
		if (!r)
			r = simple(p, "BEGIN", "begin", "BEGIN", err);
	}
	return r;
}

static int postgres_commit(struct db *db, struct oak_error *err)
{
	return simple(of(db), "COMMIT", "commit", "COMMIT", err);
}

static void postgres_rollback(struct db *db)
{
	struct postgres_db *p = of(db);

	if (p->c && PQstatus(p->c) == CONNECTION_OK && PQtransactionStatus(p->c) != PQTRANS_IDLE)
		PQclear(PQexec(p->c, "ROLLBACK"));
}

static int postgres_script(struct db *db, const char *sql, struct oak_error *err)
{
	return simple(of(db), sql, "schema", NULL, err);
}

static int take_bool(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(bool *)ctx = db_row_int(row, 0) != 0;
	return 1;
}

static int postgres_try_lead(struct db *db, bool *ret, struct oak_error *err)
{
	struct postgres_db *p = of(db);
	bool got = false;
	int64_t r;

	*ret = false;
	/* Ready makes a new connection where the old one is gone, and the lead with it. */
	r = db_query(db, &alive, NULL, 0, take_bool, &got, err);
	if (r >= 0 && !p->leads)
		r = db_query(db, &try_lead, NULL, 0, take_bool, &p->leads, err);
	if (r < 0)
		return (int)r;
	*ret = p->leads;
	return 0;
}

static struct postgres_row *row_of(const struct db_row *row)
{
	return row->at;
}

static const char *postgres_row_text(const struct db_row *row, int column)
{
	return PQgetvalue(row_of(row)->res, 0, column);
}

static int64_t postgres_row_int(const struct db_row *row, int column)
{
	return number(postgres_row_text(row, column));
}

static const void *postgres_row_blob(const struct db_row *row, int column, size_t *ret_len)
{
	struct postgres_row *r = row_of(row);
	unsigned char *bytes = NULL;

	*ret_len = 0;
	if (r->n_blobs < BLOBS_MAX)
		bytes = PQunescapeBytea((const unsigned char *)postgres_row_text(row, column),
					ret_len);
	if (!bytes)
		return "";
	r->blobs[r->n_blobs++] = bytes;
	return bytes;
}

static bool postgres_row_is_null(const struct db_row *row, int column)
{
	return PQgetisnull(row_of(row)->res, 0, column) != 0;
}

const struct db_ops db_postgres = {
	.prefix = "postgres",
	.postgres = true,
	.open = postgres_open,
	.close = postgres_close,
	.ready = postgres_ready,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.call = postgres_call,
	.script = postgres_script,
	.try_lead = postgres_try_lead,
	.row_int = postgres_row_int,
	.row_text = postgres_row_text,
	.row_blob = postgres_row_blob,
	.row_is_null = postgres_row_is_null,
};
