/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listeners are told, over either database. */
#include "test.h"

#include "fleet/api/event-hub.h"
#include "fleet/http/stream.h"
#include "fleet/store/event.h"
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
