/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>

#include "fleet/director/memo.h"
#include "test.h"

static void put(struct decision_shelf *s, const char *ring, uint64_t version, const char *text)
{
	char *copy = strdup(text);

	EXPECT(copy);
	shelf_put(s, ring, version, copy);
}

TEST(a_borrowed_file_outlives_its_successor)
{
	struct decision_shelf *s = shelf_new();
	const struct shelf_file *old, *now;

	EXPECT(s);
	EXPECT(!shelf_borrow(s, "default"));
	put(s, "default", 1, "one");
	put(s, "canary", 7, "seven");
	put(s, "zeta", 9, "nine");
	old = shelf_borrow(s, "default");
	EXPECT(old && old->version == 1 && old->len == 3);
	EXPECT_STR(old->etag, "\"1\"");
	put(s, "default", 2, "two!");
	now = shelf_borrow(s, "default");
	EXPECT(now);
	EXPECT_STR(old->text, "one");
	EXPECT_STR(now->text, "two!");
	shelf_release(old);
	shelf_release(now);
	EXPECT(shelf_version(s, "canary") == 7 && shelf_version(s, "zeta") == 9);
	EXPECT(shelf_version(s, "other") == 0);
	shelf_free(s);
}

static void *wake(void *ctx)
{
	shelf_wake(ctx);
	return NULL;
}

/* Ends at all: a wake that comes before the wait is not lost. */
TEST(the_director_is_woken)
{
	struct decision_shelf *s = shelf_new();
	pthread_t thread;

	EXPECT(s);
	shelf_wake(s);
	shelf_wait(s, 3600000);
	EXPECT(pthread_create(&thread, NULL, wake, s) == 0);
	shelf_wait(s, 3600000);
	EXPECT(pthread_join(thread, NULL) == 0);
	shelf_wait(s, 1);
	shelf_free(s);
}

static void *read_often(void *ctx)
{
	for (int i = 0; i < 20000; i++) {
		const struct shelf_file *f = shelf_borrow(ctx, "default");

		if (!f || f->len != strlen(f->text))
			return ctx;
		shelf_release(f);
	}
	return NULL;
}

TEST(readers_and_a_writer)
{
	struct decision_shelf *s = shelf_new();
	pthread_t threads[3];

	EXPECT(s);
	put(s, "default", 1, "1");
	for (size_t i = 0; i < 3; i++)
		EXPECT(pthread_create(&threads[i], NULL, read_often, s) == 0);
	for (uint64_t i = 2; i < 2000; i++)
		put(s, "default", i, i % 2 ? "odd" : "even");
	for (size_t i = 0; i < 3; i++) {
		void *bad = s;

		EXPECT(pthread_join(threads[i], &bad) == 0);
		EXPECT(!bad);
	}
	EXPECT(shelf_version(s, "default") == 1999);
	shelf_free(s);
}
