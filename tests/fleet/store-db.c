/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/db/db-ops.h"

#include <pthread.h>

#include "fleet/db/db-sqlite.h"
#include "fleet/db/migrate.h"
#include "store-fixture.h"
#include "test.h"

static const struct db_statement put = { "test: put",
					 "INSERT INTO t (id, n, s, b) VALUES ($1, $2, $3, $4)",
					 NULL };
static const struct db_statement get = { "test: get", "SELECT n, s, b FROM t WHERE id = $1", NULL };
static const struct db_statement all = { "test: all", "SELECT id FROM t ORDER BY id", NULL };
static const struct db_statement wrong = { "test: wrong", "SELECT nothing FROM nowhere", NULL };
static const struct db_statement gap = { "test: gap", "SELECT n FROM t WHERE id = $3", NULL };

static struct db *open_table(const char **ret_url)
{
	struct oak_error err = { .code = OAK_OK };
	const char *url = fixture_url();
	struct db *db = fixture_again(url);

	if (ret_url)
		*ret_url = url;
	EXPECT(!db_begin(db, &err));
	EXPECT(!db_script(db, "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT, s TEXT, b BYTEA);",
			  &err));
	EXPECT(!db_commit(db, &err));
	return db;
}

struct got {
	int64_t n;
	char s[256];
	uint8_t b[256];
	size_t b_len;
	bool null[3];
};

static int take(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct got *g = ctx;
	const void *b = db_row_blob(row, 2, &g->b_len);

	g->n = db_row_int(row, 0);
	(void)snprintf(g->s, sizeof(g->s), "%s", db_row_text(row, 1));
	memcpy(g->b, b, g->b_len < sizeof(g->b) ? g->b_len : sizeof(g->b));
	for (int i = 0; i < 3; i++)
		g->null[i] = db_row_is_null(row, i);
	return 1;
}

static int count(_unused_ void *ctx, _unused_ const struct db_row *row,
		 _unused_ struct oak_error *err)
{
	return 0;
}

TEST(values_come_back_as_they_were)
{
	static const char *const texts[] = {
		"",
		"plain",
		"'; DROP TABLE t; --",
		"\"",
		"\\",
		"\\x41",
		"%_",
		"a\nb\tc",
		"$1 $2 ?",
		"<script>alert(1)</script>",
		"\xf0\x9f\x92\xa5 \xe2\x82\xac",
		"\x01\x7f",
		"NULL",
	};
	static const int64_t numbers[] = { 0, 1, -1, INT64_MAX, INT64_MIN };
	_cleanup_(db_closep) struct db *db = open_table(NULL);
	struct oak_error err = { .code = OAK_OK };
	uint8_t bytes[256];
	int64_t id = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t n = numbers[i % 5];
		const struct db_value args[] = { db_int(++id), db_int(n), db_text(texts[i]),
						 db_blob(bytes, i * 20) };
		struct got g = { 0 };

		test_case = texts[i];
		EXPECT(db_run(db, &put, args, 4, &err) == 1);
		EXPECT(db_query(db, &get, args, 1, take, &g, &err) == 1);
		EXPECT(g.n == n);
		EXPECT_STR(g.s, texts[i]);
		EXPECT(g.b_len == i * 20 && !memcmp(g.b, bytes, g.b_len));
		EXPECT(!g.null[0] && !g.null[1] && !g.null[2]);
	}
	test_case = NULL;
	const struct db_value nulls[] = { db_int(++id), db_null(), db_text(NULL), db_null() };
	struct got g = { .n = 7 };

	EXPECT(db_run(db, &put, nulls, 4, &err) == 1);
	EXPECT(db_query(db, &get, nulls, 1, take, &g, &err) == 1);
	EXPECT(g.null[0] && g.null[1] && g.null[2] && g.n == 0 && !g.s[0] && !g.b_len);
	/* Parameters that a statement does not use are no error. */
	const struct db_value skip[] = { db_null(), db_null(), db_int(1) };
	EXPECT(db_query(db, &gap, skip, 3, count, NULL, &err) == 1);
}

TEST(nothing_of_a_failed_transaction_is_kept)
{
	_cleanup_(db_closep) struct db *db = open_table(NULL);
	const struct db_value one[] = { db_int(1), db_int(1), db_text("a"), db_null() };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!db_begin(db, &err));
	EXPECT(db_run(db, &put, one, 4, &err) == 1);
	EXPECT(db_run(db, &put, one, 4, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "database: test: put: ");
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == -OAK_E_FAILED);
	EXPECT_STR(err.msg, "database: test: all after a statement that failed");
	EXPECT(db_commit(db, &err) == -OAK_E_FAILED);
	EXPECT_STR(err.msg, "database: nothing is kept, as a statement of it failed");
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 0);
	/* The connection is as good as before. */
	EXPECT(!db_begin(db, &err));
	EXPECT(db_query(db, &wrong, NULL, 0, count, NULL, &err) < 0);
	db_rollback(db);
	EXPECT(!db_begin(db, &err));
	EXPECT(db_run(db, &put, one, 4, &err) == 1);
	db_rollback(db);
	db_rollback(db);
	EXPECT(db_run(db, &put, one, 4, &err) == 1);
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 1);
}

static int nested(void *ctx, _unused_ const struct db_row *row, struct oak_error *err)
{
	return (int)db_query(ctx, &all, NULL, 0, count, NULL, err);
}

static int third(void *ctx, _unused_ const struct db_row *row, struct oak_error *err)
{
	return ++*(int *)ctx == 3 ? oak_fail(err, OAK_E_TOOLARGE, "the third") : 0;
}

TEST(callbacks_end_a_query_and_start_none)
{
	_cleanup_(db_closep) struct db *db = open_table(NULL);
	struct oak_error err = { .code = OAK_OK };
	int seen = 0;

	for (int i = 0; i < 5; i++)
		EXPECT(db_run(db, &put,
			      (const struct db_value[]){ db_int(i), db_null(), db_null(),
							 db_null() },
			      4, &err) == 1);
	EXPECT(db_query(db, &all, NULL, 0, nested, db, &err) == -OAK_E_FAILED);
	EXPECT_STR(err.msg, "database: test: all within the rows of another");
	EXPECT(db_query(db, &all, NULL, 0, third, &seen, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "the third");
	EXPECT(seen == 3);
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 5);
}

TEST(urls_are_of_a_database_that_we_know)
{
	static const struct {
		const char *url;
		int want;
		const char *msg;
	} cases[] = {
		{ "mysql://x", -OAK_E_USAGE,
		  "database: neither sqlite:/PATH nor postgresql://HOST/NAME" },
		{ "sqlite:fleet.db", -OAK_E_USAGE, "database: sqlite:/PATH wants an absolute path" },
		{ "sqlite:/nowhere/at/all/fleet.db", -OAK_E_IO,
		  "/nowhere/at/all/fleet.db: No such file or directory" },
		{ "postgresql://127.0.0.1:1/x", -OAK_E_AGAIN, "database: connect: " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		struct db *db = NULL;

		test_case = cases[i].url;
		EXPECT(db_open(cases[i].url, &db, &err) == cases[i].want);
		EXPECT(!db);
		EXPECT_CONTAINS(err.msg, cases[i].msg);
	}
}

static const struct db_statement set_version = { "test: version",
						 "UPDATE oakum_schema SET version = $1", NULL };

TEST(a_schema_grows_from_each_version_with_what_is_in_it)
{
	for (int from = 1; from <= migrate_newest(); from++) {
		_cleanup_(db_closep) struct db *db = fixture_again(fixture_url());
		struct oak_error err = { .code = OAK_OK };
		char token[128], id[33];
		int version = -1;

		EXPECT(!migrate_version(db, &version, &err) && version == 0);
		EXPECT(!migrate_to(db, from, &err));
		EXPECT(!migrate_version(db, &version, &err) && version == from);
		fixture_token(db, 0, token);
		for (unsigned i = 0; i < 3; i++)
			fixture_host(db, token, i, id);
		EXPECT(!migrate_to(db, migrate_newest(), &err));
		EXPECT(!migrate_version(db, &version, &err) && version == migrate_newest());
		/* Was made before, and comes again as it was. */
		fixture_host(db, token, 2, id);
		EXPECT(!migrate_to(db, migrate_newest(), &err));
	}
}

TEST(a_schema_that_is_newer_is_left_alone)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char want[160];

	EXPECT(db_run(db, &set_version, (const struct db_value[]){ db_int(99) }, 1, &err) == 1);
	EXPECT(migrate_to(db, migrate_newest(), &err) == -OAK_E_REFUSED);
	(void)snprintf(want, sizeof(want),
		       "database: its schema has version 99, this program knows %d; take a newer "
		       "program, or the backup from before",
		       migrate_newest());
	EXPECT_STR(err.msg, want);
}

static void *migrate(void *url)
{
	_cleanup_(db_closep) struct db *db = fixture_again(url);
	struct oak_error err = { .code = OAK_OK };
	int r = migrate_to(db, migrate_newest(), &err);

	if (r < 0)
		print_error("%s\n", err.msg);
	return r < 0 ? url : NULL;
}

TEST(two_servers_may_make_the_schema_at_once)
{
	for (int round = 0; round < 5; round++) {
		char *url = strdup(fixture_url());
		pthread_t threads[4];

		EXPECT(url);
		for (size_t i = 0; i < 4; i++)
			EXPECT(!pthread_create(&threads[i], NULL, migrate, url));
		for (size_t i = 0; i < 4; i++) {
			void *bad;

			EXPECT(!pthread_join(threads[i], &bad));
			EXPECT(!bad);
		}
		free(url);
	}
}

TEST(one_of_all_leads)
{
	const char *url;
	struct db *first = open_table(&url), *second = fixture_again(url);
	struct oak_error err = { .code = OAK_OK };
	bool leads = false;

	EXPECT(!db_try_lead(first, &leads, &err) && leads);
	EXPECT(!db_try_lead(first, &leads, &err) && leads);
	EXPECT(!db_try_lead(second, &leads, &err));
	EXPECT(leads == !db_is_postgres(second));
	db_close(first);
	for (int i = 0; i < 100 && !leads; i++) {
		(void)usleep(20000);
		EXPECT(!db_try_lead(second, &leads, &err));
	}
	EXPECT(leads);
	db_close(second);
}

TEST(one_server_holds_a_file)
{
	struct oak_error err = { .code = OAK_OK };
	char url[4200], want[4300];
	int first = -1, second = -1;

	EXPECT(!db_claim("postgresql://x/y", &first, &err) && first == -1);
	(void)snprintf(url, sizeof(url), "sqlite:%s/claimed.db", test_dir());
	EXPECT(!db_claim(url, &first, &err) && first >= 0);
	EXPECT(db_claim(url, &second, &err) == -OAK_E_REFUSED);
	(void)snprintf(want, sizeof(want), "%s: another oakum-server uses this database", url);
	EXPECT_STR(err.msg, want);
	/* Not for a moment's use. */
	db_close(fixture_again(url));
	closep(&first);
	EXPECT(!db_claim(url, &second, &err) && second >= 0);
	closep(&second);
}

static const struct db_statement my_pid = { "test: pid", "SELECT 1", "SELECT pg_backend_pid()" };
static const struct db_statement terminate = { "test: end", "SELECT 1",
					       "SELECT pg_terminate_backend($1)::int" };

static int take_int(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(int64_t *)ctx = db_row_int(row, 0);
	return 1;
}

static void cut_off(struct db *db, struct db *other)
{
	struct oak_error err = { .code = OAK_OK };
	int64_t pid = 0, done = 0;

	EXPECT(db_query(db, &my_pid, NULL, 0, take_int, &pid, &err) == 1);
	EXPECT(db_query(other, &terminate, (const struct db_value[]){ db_int(pid) }, 1, take_int,
			&done, &err) == 1);
	EXPECT(done == 1);
	(void)usleep(100000); /* for it to go; nothing hangs on how long */
}

TEST(a_connection_that_broke_is_made_again_between_transactions)
{
	const char *url;
	_cleanup_(db_closep) struct db *db = open_table(&url);
	_cleanup_(db_closep) struct db *other = fixture_again(url);
	const struct db_value one[] = { db_int(1), db_int(1), db_text("a"), db_null() };
	struct oak_error err = { .code = OAK_OK };
	bool leads;

	if (!db_is_postgres(db))
		return;
	EXPECT(!db_try_lead(db, &leads, &err) && leads);
	cut_off(db, other);
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 0);
	EXPECT(!db_try_lead(other, &leads, &err) && leads);
	EXPECT(!db_try_lead(db, &leads, &err) && !leads);
	cut_off(db, other);
	EXPECT(!db_begin(db, &err));
	EXPECT(db_run(db, &put, one, 4, &err) == 1);
	cut_off(db, other);
	EXPECT(db_run(db, &put, one, 4, &err) == -OAK_E_FAILED || err.code == OAK_E_AGAIN);
	EXPECT(db_commit(db, &err) < 0);
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 0);
	EXPECT(!db_begin(db, &err));
	EXPECT(db_run(db, &put, one, 4, &err) == 1);
	EXPECT(!db_commit(db, &err));
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == 1);
}

static const struct db_statement fill = { "test: fill", "INSERT INTO t (id, b) VALUES ($1, $2)",
					  NULL };

TEST(a_full_disk_is_an_error_and_nothing_half)
{
	_cleanup_(db_closep) struct db *db = open_table(NULL);
	struct oak_error err = { .code = OAK_OK };
	static uint8_t bytes[20000];
	int64_t kept = 0, id = 0, r = 0;

	if (db_is_postgres(db))
		return;
	EXPECT(!sqlite3_exec(db_sqlite_handle(db), "PRAGMA max_page_count = 100", NULL, NULL, NULL));
	while (r >= 0) {
		EXPECT(!db_begin(db, &err));
		for (int i = 0; i < 3 && r >= 0; i++)
			r = db_run(db, &fill,
				   (const struct db_value[]){ db_int(++id),
							      db_blob(bytes, sizeof(bytes)) },
				   2, &err);
		if (r >= 0) {
			EXPECT(!db_commit(db, &err));
			kept = id;
		}
	}
	EXPECT(r == -OAK_E_IO);
	EXPECT_STR(err.msg, "database: test: fill: database or disk is full");
	EXPECT(db_commit(db, &err) == -OAK_E_FAILED);
	EXPECT(db_query(db, &all, NULL, 0, count, NULL, &err) == kept);
	/* And on, where there is room again. */
	EXPECT(!sqlite3_exec(db_sqlite_handle(db), "PRAGMA max_page_count = 1000", NULL, NULL,
			     NULL));
	EXPECT(db_run(db, &fill,
		      (const struct db_value[]){ db_int(++id), db_blob(bytes, sizeof(bytes)) }, 2,
		      &err) == 1);
}
