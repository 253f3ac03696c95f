/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/backup.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fleet/db/db-ops.h"
#include "fleet/store/audit.h"
#include "store-fixture.h"
#include "test.h"

struct writer {
	const char *url;
	atomic_bool stop;
	atomic_int written;
};

static void *write_on(void *arg)
{
	struct writer *w = arg;
	_cleanup_(db_closep) struct db *db = fixture_again(w->url);
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];

	fixture_token(db, 0, token);
	for (unsigned n = 0; !atomic_load(&w->stop); n++) {
		const struct audit_entry a = {
			.who = "server", .action = "a.b", .subject = "", .at_s = FIXTURE_NOW
		};

		fixture_host(db, token, n, id);
		EXPECT(!db_begin(db, &err));
		EXPECT(!audit_add(db, &a, &err));
		EXPECT(!db_commit(db, &err));
		atomic_fetch_add(&w->written, 1);
	}
	return NULL;
}

static void path_of(const char *name, char ret[4200])
{
	(void)snprintf(ret, 4200, "%s/%s", test_dir(), name);
}

TEST(a_backup_is_of_one_moment_while_others_write)
{
	_cleanup_(freep) char *url = strdup(fixture_url());
	_cleanup_(db_closep) struct db *db = fixture_migrated(url);
	struct oak_error err = { .code = OAK_OK };
	struct writer w = { .url = url };
	char path[4200], part[4210];
	pthread_t thread;

	path_of("copy.db", path);
	if (db_is_postgres(db)) {
		struct store_check c;

		EXPECT(store_backup(db, path, &c, &err) == -OAK_E_USAGE);
		EXPECT_STR(err.msg,
			   "database: PostgreSQL has tools of its own: pg_dump, pg_restore");
		EXPECT(store_restore(url, path, &c, &err) == -OAK_E_USAGE);
		return;
	}
	EXPECT(!pthread_create(&thread, NULL, write_on, &w));
	while (atomic_load(&w.written) < 20)
		(void)usleep(1000);
	for (int round = 0; round < 3; round++) {
		int before = atomic_load(&w.written), after;
		struct store_check c = { .hosts = 0 };
		int r = store_backup(db, path, &c, &err);
		struct stat st;

		after = atomic_load(&w.written);
		if (r < 0)
			print_error("%s\n", err.msg);
		EXPECT(!r);
		EXPECT(c.hosts >= before && c.hosts <= after + 1);
		EXPECT((int64_t)c.audit_entries >= c.hosts - 1 &&
		       (int64_t)c.audit_entries <= c.hosts);
		EXPECT(!stat(path, &st) && (st.st_mode & 0777) == 0600);
		(void)snprintf(part, sizeof(part), "%s.part", path);
		EXPECT(!file_exists(AT_FDCWD, part));
	}
	atomic_store(&w.stop, true);
	EXPECT(!pthread_join(thread, NULL));
}

/* Writes over the middle of a file. */
static void damage(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDWR | O_CLOEXEC);
	char junk[4096];

	memset(junk, 0x5a, sizeof(junk));
	for (off_t page = 2; page < 20; page++)
		EXPECT(pwrite(fd, junk, sizeof(junk), page * 4096) == sizeof(junk));
}

TEST(a_restored_database_is_the_one_that_was_saved)
{
	_cleanup_(freep) char *url = strdup(fixture_url());
	_cleanup_(closep) int claim = -1;
	struct oak_error err = { .code = OAK_OK };
	struct db *db = fixture_migrated(url);
	struct store_check c, now;
	char token[128], id[33], copy[4200], beside[4200];

	if (db_is_postgres(db)) {
		db_close(db);
		return;
	}
	path_of("saved.db", copy);
	fixture_token(db, 0, token);
	for (unsigned n = 0; n < 3; n++)
		fixture_host(db, token, n, id);
	EXPECT(!store_backup(db, copy, &c, &err) && c.hosts == 3);
	fixture_host(db, token, 3, id);
	db_close(db);
	EXPECT(!db_claim(url, &claim, &err));
	EXPECT(store_restore(url, copy, &c, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "another oakum-server uses this database");
	closep(&claim);
	claim = -1;
	EXPECT(store_restore(url, "/nowhere.db", &c, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "/nowhere.db: not there");
	EXPECT(!store_restore(url, copy, &c, &err) && c.hosts == 3);
	db = fixture_again(url);
	EXPECT(!store_check(db, &now, &err) && now.hosts == 3);
	db_close(db);
	(void)snprintf(beside, sizeof(beside), "%s.before", url);
	db = fixture_again(beside);
	EXPECT(!store_check(db, &now, &err) && now.hosts == 4);
	db_close(db);
	/* Again, over what was left before. */
	EXPECT(!store_restore(url, copy, &c, &err) && c.hosts == 3);
}

TEST(a_backup_that_is_wrong_does_not_become_the_database)
{
	static const struct {
		const char *sql, *msg;
		int want;
	} cases[] = {
		{ "UPDATE audit SET who = 'x' WHERE sequence = 2", "audit: entry 2 was changed",
		  -OAK_E_TRUST },
		{ "UPDATE oakum_schema SET version = 99",
		  "database: its schema has version 99, this program knows 1 to ", -OAK_E_REFUSED },
		{ "DROP TABLE oakum_schema",
		  "database: its schema has version 0, this program knows 1 to ", -OAK_E_FORMAT },
		{ NULL, "database: ", -OAK_E_FORMAT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *url = strdup(fixture_url()), *bad = strdup(fixture_url());
		struct oak_error err = { .code = OAK_OK };
		struct store_check c = { .hosts = -1 };
		struct db *db = fixture_migrated(bad);
		char token[128], id[33];

		test_case = cases[i].msg;
		if (db_is_postgres(db)) {
			db_close(db);
			return;
		}
		fixture_token(db, 0, token);
		for (int k = 0; k < 3; k++) {
			const struct audit_entry a = {
				.who = "server", .action = "a.b", .subject = "", .at_s = k
			};

			fixture_host(db, token, (unsigned)k, id);
			EXPECT(!db_begin(db, &err));
			EXPECT(!audit_add(db, &a, &err));
			EXPECT(!cases[i].sql || k < 2 || !db_script(db, cases[i].sql, &err));
			EXPECT(!db_commit(db, &err));
		}
		db_close(db);
		if (!cases[i].sql)
			damage(bad + 7);
		db_close(fixture_migrated(url));
		EXPECT(store_restore(url, bad + 7, &c, &err) == cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].msg);
		db = fixture_again(url);
		EXPECT(!store_check(db, &c, &err) && c.hosts == 0);
		db_close(db);
	}
}
