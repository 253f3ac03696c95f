/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listeners and webhooks are told, over either database. */
#include "test.h"

#include <pthread.h>

#include "base/json.h"
#include "fleet/api/event-hub.h"
#include "fleet/http/stream.h"
#include "fleet/store/event.h"
#include "fleet/store/webhooks.h"
#include "store-fixture.h"

static void add_event(struct db *db, const char *type)
{
	const struct event e = { .type = type, .subject = "x", .at_s = FIXTURE_NOW };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(db_begin(db, &err) == 0 && event_add(db, &e, &err) == 0 && db_commit(db, &err) == 0);
}

TEST(event_hub_leaves_nothing_out_and_says_nothing_twice)
{
	struct stream *late, *now, *some;
	struct oak_error err = { .code = OAK_OK };
	struct event_hub *hub = event_hub_new();
	struct db *db = fixture_open();

	late = stream_new();
	now = stream_new();
	some = stream_new();
	add_event(db, "host.enrolled");
	EXPECT(event_hub_turn(hub, db, FIXTURE_NOW, &err) == 0);
	add_event(db, "rollout.halted"); /* between two turns */
	EXPECT(event_hub_join(hub, db, late,
			      &(struct event_wish){ .after = 0, .now_s = FIXTURE_NOW }, &err) == 0);
	EXPECT(event_hub_join(hub, db, now,
			      &(struct event_wish){ .after = -1, .now_s = FIXTURE_NOW }, &err) == 0);
	EXPECT(event_hub_join(hub, db, some,
			      &(struct event_wish){
				      .after = 0, .type = "rollout.*", .now_s = FIXTURE_NOW },
			      &err) == 0);
	add_event(db, "host.failed");
	EXPECT(event_hub_turn(hub, db, FIXTURE_NOW, &err) == 0);
	EXPECT(event_hub_turn(hub, db, FIXTURE_NOW, &err) == 0);
	EXPECT_STR(stream_text(late), "id: 1\nevent: host.enrolled\n"
				      "data: {\"at\":1790000000,\"data\":{},\"sequence\":1,"
				      "\"subject\":\"x\",\"type\":\"host.enrolled\"}\n\n"
				      "id: 2\nevent: rollout.halted\n"
				      "data: {\"at\":1790000000,\"data\":{},\"sequence\":2,"
				      "\"subject\":\"x\",\"type\":\"rollout.halted\"}\n\n"
				      "id: 3\nevent: host.failed\n"
				      "data: {\"at\":1790000000,\"data\":{},\"sequence\":3,"
				      "\"subject\":\"x\",\"type\":\"host.failed\"}\n\n");
	EXPECT(strncmp(stream_text(now), "id: 3\n", 6) == 0);
	EXPECT(strncmp(stream_text(some), "id: 2\n", 6) == 0 && !strstr(stream_text(some), "id: 3"));
	/* After an hour the token is asked for again. */
	EXPECT(event_hub_turn(hub, db, FIXTURE_NOW + EVENT_STREAM_S, &err) == 0);
	add_event(db, "host.failed");
	EXPECT(event_hub_turn(hub, db, FIXTURE_NOW + EVENT_STREAM_S, &err) == 0);
	EXPECT(!strstr(stream_text(late), "id: 4"));
	stream_release(late);
	stream_release(now);
	stream_release(some);
	event_hub_free(hub);
	db_close(db);
}

struct claimer {
	struct db *db;
	char ids[8][WEBHOOK_ID_MAX];
	int n;
};

static void *claim_all(void *arg)
{
	struct claimer *c = arg;
	struct oak_error err = { .code = OAK_OK };

	for (int i = 0; i < 40 && c->n < 8; i++) {
		struct webhook_delivery d = { 0 };
		int n = webhook_claim(c->db, FIXTURE_NOW, &d, 1, &err);

		if (n == 1)
			memcpy(c->ids[c->n++], d.id, sizeof(d.id));
		webhook_delivery_clear(&d);
	}
	return NULL;
}

TEST(webhook_deliveries_go_to_one_of_many_servers)
{
	const char *url = fixture_url();
	struct claimer claimers[4];
	pthread_t threads[4];
	struct oak_error err = { .code = OAK_OK };
	char id[WEBHOOK_ID_MAX], test[WEBHOOK_ID_MAX];
	_cleanup_(json_decrefp) json_t *events = json_pack("[s]", "*"), *made = NULL;
	const struct webhook_new w = { .url = "https://hooks.example/",
				       .format = "event",
				       .secret = "x",
				       .who = "token:test",
				       .events = events };
	struct db *db = fixture_migrated(url);
	int all = 0;

	EXPECT(events && webhook_create(db, &w, FIXTURE_NOW, &made, &err) == 0);
	(void)snprintf(id, sizeof(id), "%s", json_get_str(made, "id"));
	for (int i = 0; i < 8; i++)
		EXPECT(webhook_test(db, id, FIXTURE_NOW, test, &err) == 0);
	for (size_t i = 0; i < 4; i++) {
		claimers[i] = (struct claimer){ .db = fixture_again(url) };
		EXPECT(pthread_create(&threads[i], NULL, claim_all, &claimers[i]) == 0);
	}
	for (size_t i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < 4; i++) {
		all += claimers[i].n;
		for (size_t k = 0; k < i; k++)
			for (int n = 0; n < claimers[i].n; n++)
				for (int m = 0; m < claimers[k].n; m++)
					EXPECT(strcmp(claimers[i].ids[n], claimers[k].ids[m]) != 0);
		db_close(claimers[i].db);
	}
	EXPECT(all == 8);
	db_close(db);
}
