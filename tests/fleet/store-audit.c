/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/audit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "fleet/db/db-ops.h"
#include "fleet/store/event.h"
#include "store-fixture.h"
#include "test.h"

#define WRITERS 4
#define EACH    40

static int add(struct db *db, const char *who, json_t *detail, struct oak_error *err)
{
	const struct audit_entry a = { .who = who,
				       .action = "host.revoke",
				       .subject = "host-1",
				       .detail = detail,
				       .at_s = FIXTURE_NOW };
	const struct event e = {
		.type = "host.revoked", .subject = who, .data = detail, .at_s = FIXTURE_NOW
	};
	int r = audit_add(db, &a, err);

	return r ? r : event_add(db, &e, err);
}

static void add_good(struct db *db, const char *who)
{
	_cleanup_(json_decrefp) json_t *detail =
		json_pack("{s:s, s:i}", "why", "\"quoted\" \n <b>\xf0\x9f\x92\xa5", "n", 7);
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!db_begin(db, &err));
	EXPECT(!add(db, who, detail, &err));
	EXPECT(!db_commit(db, &err));
}

TEST(whatever_is_changed_in_the_chain_is_found)
{
	static const struct {
		const char *sql, *msg;
	} cases[] = {
		{ "UPDATE audit SET who = 'token:other' WHERE sequence = 3",
		  "audit: entry 3 was changed" },
		{ "UPDATE audit SET at_s = at_s + 1 WHERE sequence = 3",
		  "audit: entry 3 was changed" },
		{ "UPDATE audit SET detail = '{\"n\":8}' WHERE sequence = 5",
		  "audit: entry 5 was changed" },
		{ "UPDATE audit SET detail = 'x' WHERE sequence = 2", "audit: entry 2 was changed" },
		{ "UPDATE audit SET hash = 'x' WHERE sequence = 1", "audit: entry 1 was changed" },
		{ "DELETE FROM audit WHERE sequence = 3", "audit: entry 3 is missing" },
		{ "DELETE FROM audit WHERE sequence = 1", "audit: entry 1 is missing" },
		{ "DELETE FROM audit WHERE sequence > 4", "audit: entry 5 is missing" },
		{ "DELETE FROM audit", "audit: entry 1 is missing" },
		{ "DELETE FROM heads WHERE list = 'audit'",
		  "audit: the head of the list is missing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(db_closep) struct db *db = fixture_open();
		struct oak_error err = { .code = OAK_OK };
		uint64_t n = 0;

		test_case = cases[i].sql;
		for (int k = 0; k < 5; k++)
			add_good(db, "token:ci");
		EXPECT(!audit_verify(db, &n, &err) && n == 5);
		EXPECT(!db_begin(db, &err));
		EXPECT(!db_script(db, cases[i].sql, &err));
		EXPECT(!db_commit(db, &err));
		EXPECT(audit_verify(db, &n, &err) == -OAK_E_TRUST);
		EXPECT_STR(err.msg, cases[i].msg);
	}
	test_case = NULL;
}

TEST(an_action_that_failed_is_not_in_the_log)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *list = NULL, *one = NULL;
	_cleanup_(json_decrefp) json_t *real = json_pack("{s:f}", "n", 1.5);
	struct oak_error err = { .code = OAK_OK };
	uint64_t n = 1;

	EXPECT(!db_begin(db, &err));
	EXPECT(!add(db, "token:a", NULL, &err));
	db_rollback(db);
	/* What has no canonical form is refused before anything is written. */
	EXPECT(!db_begin(db, &err));
	EXPECT(add(db, "token:a", real, &err) == -OAK_E_FORMAT);
	db_rollback(db);
	EXPECT(!audit_verify(db, &n, &err) && n == 0);
	for (int i = 0; i < 5; i++)
		add_good(db, "token:b");
	EXPECT(!audit_list(db, &(struct audit_page){ .limit = 2, .before = 4 }, &list, &err));
	EXPECT(json_array_size(list) == 2);
	EXPECT(json_integer_value(json_object_get(json_array_get(list, 0), "sequence")) == 3);
	EXPECT_STR(json_string_value(
			   json_object_get(json_object_get(json_array_get(list, 0), "detail"),
					   "why")),
		   "\"quoted\" \n <b>\xf0\x9f\x92\xa5");
	EXPECT(!audit_list(db, &(struct audit_page){ .limit = 9, .subject = "host-2" }, &one, &err));
	EXPECT(json_array_size(one) == 0);
}

struct writer {
	const char *url;
	char who[16];
	atomic_int *running;
};

/* One that was told to come again does so. */
static void *write_many(void *arg)
{
	struct writer *w = arg;
	_cleanup_(db_closep) struct db *db = fixture_again(w->url);

	for (int i = 0; i < EACH; i++) {
		struct oak_error err = { .code = OAK_OK };
		int r = db_begin(db, &err);

		if (!r)
			r = add(db, w->who, NULL, &err);
		if (!r)
			r = db_commit(db, &err);
		if (r < 0) {
			db_rollback(db);
			EXPECT(r == -OAK_E_AGAIN);
			i--;
		}
	}
	atomic_fetch_sub(w->running, 1);
	return NULL;
}

/* Reads on from what it has, as a browser does; no number is missing in what it sees. */
static int64_t follow(struct db *db, int64_t last)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!event_list(db, last, 7, &list, &err));
	for (size_t i = 0; i < json_array_size(list); i++) {
		int64_t sequence =
			json_integer_value(json_object_get(json_array_get(list, i), "sequence"));

		EXPECT(sequence == last + 1);
		last = sequence;
	}
	return last;
}

TEST(lists_have_no_hole_while_many_write)
{
	_cleanup_(freep) char *url = strdup(fixture_url());
	_cleanup_(db_closep) struct db *db = fixture_migrated(url);
	struct oak_error err = { .code = OAK_OK };
	atomic_int running = WRITERS;
	struct writer w[WRITERS];
	pthread_t threads[WRITERS];
	int64_t seen = 0, last = 0;
	uint64_t n = 0;

	for (size_t i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){ .url = url, .running = &running };
		(void)snprintf(w[i].who, sizeof(w[i].who), "token:%zu", i);
		EXPECT(!pthread_create(&threads[i], NULL, write_many, &w[i]));
	}
	while (atomic_load(&running) > 0)
		seen = follow(db, seen);
	for (size_t i = 0; i < WRITERS; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	while (last < (seen = follow(db, seen)))
		last = seen;
	EXPECT(seen == (int64_t)WRITERS * EACH);
	EXPECT(!event_last(db, &last, &err) && last == seen);
	EXPECT(!audit_verify(db, &n, &err) && n == (uint64_t)WRITERS * EACH);
	/* Old ones go, and their numbers with them. */
	EXPECT(event_prune(db, FIXTURE_NOW + 1, &err) == seen);
	add_good(db, "token:x");
	EXPECT(follow(db, seen) == seen + 1);
}
