/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hosts report, without sockets, over a real database. */
#include "fleet-fixture.h"

#include <jansson.h>

#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"

TEST(report_is_acknowledged_and_again)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	_cleanup_(json_decrefp) json_t *shown = NULL;
	struct oak_error err = { .code = OAK_OK };
	char body[2048];
	ANSWER(first);
	ANSWER(again);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	fixture_report_body(h.id, 1, "", body);
	fixture_report(&f, &h, body, &first);
	EXPECT(first.status == 200 && fixture_sealed(&f, &first));
	EXPECT_STR(fixture_member(&first, "host"), h.id);
	EXPECT_STR(fixture_member(&first, "sequence"), "1");
	EXPECT_STR(fixture_member(&first, "ring"), "canary");
	EXPECT_CONTAINS(buf_str(&first.body), "role=web");
	EXPECT(hosts_get(f.db, h.id, &shown, &err) == 0);
	fixture_report(&f, &h, body, &again);
	EXPECT(again.status == 200 && fixture_sealed(&f, &again));
	EXPECT(first.body.len == again.body.len &&
	       memcmp(first.body.data, again.body.data, first.body.len) == 0);
}

TEST(report_refuses)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL },
							 other = { .key = NULL },
							 stranger = { .key = NULL };
	char body[2048], of_other[2048];
	const struct {
		const char *name, *body, *host;
		const struct fixture_host *signer;
		enum seal_kind kind;
		unsigned status;
		const char *code;
	} cases[] = {
		{ "not signed", body, h.id, NULL, SEAL_REPORT, 401, "signature" },
		{ "by another host", body, h.id, &other, SEAL_REPORT, 401, "signature" },
		{ "an enrolment's seal", body, h.id, &h, SEAL_ENROL, 401, "signature" },
		{ "of another host, signed by this one", of_other, h.id, &h, SEAL_REPORT, 400,
		  "malformed" },
		{ "for another host", body, other.id, &h, SEAL_REPORT, 401, "signature" },
		{ "of a stranger", body, stranger.id, &stranger, SEAL_REPORT, 404, "host-unknown" },
		{ "without a host", body, NULL, &h, SEAL_REPORT, 400, "malformed" },
		{ "of no id", body, "' OR 1=1 --", &h, SEAL_REPORT, 400, "malformed" },
		{ "of upper case", body, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &h, SEAL_REPORT, 400,
		  "malformed" },
		{ "no JSON", "{\"schema\": 1", h.id, &h, SEAL_REPORT, 400, "malformed" },
		{ "nothing", "", h.id, &h, SEAL_REPORT, 400, "malformed" },
	};

	fixture_open(&f);
	fixture_host(&h);
	fixture_host(&other);
	fixture_host(&stranger);
	fixture_join(&f, &h);
	fixture_join(&f, &other);
	fixture_report_body(h.id, 1, "", body);
	fixture_report_body(other.id, 1, "", of_other);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ANSWER(res);

		test_case = cases[i].name;
		fixture_call(&f,
			     &(const struct fixture_call){ .method = "POST",
							   .target = "/v1/report",
							   .body = cases[i].body,
							   .signer = cases[i].signer,
							   .kind = cases[i].kind,
							   .host = cases[i].host },
			     &res);
		EXPECT(res.status == cases[i].status);
		EXPECT_STR(fixture_member(&res, "code"), cases[i].code);
	}
	test_case = NULL;
}

TEST(report_of_an_old_sequence_and_of_a_clone)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	struct store_host stored;
	struct oak_error err = { .code = OAK_OK };
	char one[2048], two[2048], gap[2048], other_two[2048];
	uint64_t entries;
	ANSWER(a);
	ANSWER(b);
	ANSWER(c);
	ANSWER(d);
	ANSWER(e);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	fixture_report_body(h.id, 1, "", one);
	fixture_report_body(h.id, 2, "", two);
	fixture_report_body(h.id, 7, "", gap);
	fixture_report_body(h.id, 7, ", \"newest\": 3", other_two);
	fixture_report(&f, &h, one, &a);
	EXPECT(a.status == 200);
	fixture_report(&f, &h, two, &b);
	EXPECT(b.status == 200);
	/* What was lost between is lost: the host counts, the server only looks. */
	fixture_report(&f, &h, gap, &c);
	EXPECT(c.status == 200);
	entries = fixture_audit(&f);
	/* Replayed: older, by whoever recorded it. */
	fixture_report(&f, &h, two, &d);
	EXPECT(d.status == 409 && fixture_sealed(&f, &d));
	EXPECT_STR(fixture_member(&d, "code"), "sequence");
	EXPECT_STR(fixture_member(&d, "expected"), "7");
	EXPECT_STR(fixture_member(&d, "machine"), FIXTURE_MACHINE);
	EXPECT_STR(fixture_member(&d, "host"), h.id);
	/* The same number, other bytes, and a good seal: two have the key. */
	fixture_report(&f, &h, other_two, &e);
	EXPECT(e.status == 409);
	EXPECT(hosts_find(f.db, h.id, &stored, &err) == 0);
	EXPECT(stored.cloned && stored.sequence == 7);
	EXPECT(fixture_events(&f, "host.cloned") == 1);
	EXPECT(fixture_audit(&f) == entries + 1);
	/* Told once, not with each further report. */
	{
		ANSWER(again);

		fixture_report(&f, &h, other_two, &again);
		EXPECT(again.status == 409);
	}
	EXPECT(fixture_events(&f, "host.cloned") == 1);
}

TEST(report_of_a_revoked_host)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	const struct enrol_token_new t = { .name = "t", .ring = "default" };
	struct oak_error err = { .code = OAK_OK };
	char body[2048], enrolment[1024], token[TOKEN_TEXT_MAX];
	ANSWER(res);
	ANSWER(back);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	EXPECT(db_begin(f.db, &err) == 0);
	EXPECT(hosts_revoke(f.db, h.id, FIXTURE_NOW, &err) == 0);
	EXPECT(db_commit(f.db, &err) == 0);
	fixture_report_body(h.id, 1, "", body);
	fixture_report(&f, &h, body, &res);
	EXPECT(res.status == 403);
	EXPECT_STR(fixture_member(&res, "code"), "host-revoked");
	/* With the same key it does not come back. */
	fixture_token(&f, &t, token);
	fixture_enrol_body(&h, token, "", enrolment);
	fixture_enrol(&f, &h, enrolment, &back);
	EXPECT(back.status == 403);
	EXPECT_STR(fixture_member(&back, "code"), "key-revoked");
}

#define MANY 20

TEST(report_batch_answers_each)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	struct fixture_host hosts[MANY];
	struct fixture_call calls[MANY + 2];
	struct http_response answers[MANY + 2];
	static char bodies[MANY][2048];

	fixture_open(&f);
	for (size_t i = 0; i < MANY; i++) {
		fixture_host(&hosts[i]);
		if (i != 3)
			fixture_join(&f, &hosts[i]);
		fixture_report_body(hosts[i].id, 1, "", bodies[i]);
		calls[i] = (struct fixture_call){ .method = "POST",
						  .target = "/v1/report",
						  .body = bodies[i],
						  .signer = &hosts[i],
						  .kind = SEAL_REPORT,
						  .host = hosts[i].id };
	}
	calls[5].signer = &hosts[6];
	calls[8].body = "{}";
	/* One host twice in a batch: its answer was lost, or it waited too little. */
	calls[MANY] = calls[1];
	calls[MANY + 1] = calls[2];
	calls[MANY + 1].body = bodies[1];
	fixture_batch(&f, calls, MANY + 2, answers);
	for (size_t i = 0; i < MANY + 2; i++) {
		unsigned want = i == 3 ? 404 : i == 5 ? 401 : i == 8 || i == MANY + 1 ? 400 : 200;

		EXPECT(answers[i].status == want);
		http_response_clear(&answers[i]);
	}
	for (size_t i = 0; i < MANY; i++)
		fixture_host_free(&hosts[i]);
}

/* What the database does not take, whatever that is, spoils nobody else's report, and stays unacknowledged. */
TEST(report_that_the_database_refuses_fails_alone)
{
	static const struct db_statement poison = {
		"test",
		"CREATE TRIGGER poison BEFORE UPDATE ON hosts WHEN NEW.sequence = 4242"
		" BEGIN SELECT RAISE(ABORT, 'poison'); END",
		NULL
	};
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	struct fixture_host hosts[5];
	struct fixture_call calls[5];
	struct http_response answers[5];
	struct store_host stored;
	struct oak_error err = { .code = OAK_OK };
	static char bodies[5][2048];

	fixture_open(&f);
	if (db_is_postgres(f.db))
		return;
	EXPECT(db_run(f.db, &poison, NULL, 0, &err) >= 0);
	for (size_t i = 0; i < 5; i++) {
		fixture_host(&hosts[i]);
		fixture_join(&f, &hosts[i]);
		fixture_report_body(hosts[i].id, i == 2 ? 4242 : 1, "", bodies[i]);
		calls[i] = (struct fixture_call){ .method = "POST",
						  .target = "/v1/report",
						  .body = bodies[i],
						  .signer = &hosts[i],
						  .kind = SEAL_REPORT,
						  .host = hosts[i].id };
	}
	fixture_batch(&f, calls, 5, answers);
	for (size_t i = 0; i < 5; i++) {
		EXPECT(answers[i].status == (i == 2 ? 503 : 200));
		EXPECT(hosts_find(f.db, hosts[i].id, &stored, &err) == 0);
		EXPECT(stored.sequence == (i == 2 ? 0 : 1));
	}
	EXPECT_STR(fixture_header(&answers[2], "Retry-After"), "30");
	for (size_t i = 0; i < 5; i++) {
		http_response_clear(&answers[i]);
		fixture_host_free(&hosts[i]);
	}
}

static void command(struct fleet_fixture *f, const char *id, enum rollout_command c)
{
	_cleanup_(json_decrefp) json_t *after = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(rollouts_command(f->db, id, c, "token:a", FIXTURE_NOW, &after, &err) == 0);
}

/* A rollout of level 4 that runs, for everybody. */
static void start_rollout(struct fleet_fixture *f, char ret_id[17])
{
	_cleanup_(json_decrefp) json_t *spec = json_pack("{s:s, s:i, s:[{s:i}]}", "name", "test",
							 "level", 4, "stages", "percent", 100);
	_cleanup_(json_decrefp) json_t *made = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(db_begin(f->db, &err) == 0);
	EXPECT(rollouts_create(f->db, spec, "token:a", FIXTURE_NOW, &made, &err) == 0);
	(void)snprintf(ret_id, 17, "%s", json_get_str(made, "id"));
	command(f, ret_id, ROLLOUT_SUBMIT);
	command(f, ret_id, ROLLOUT_START);
	EXPECT(db_commit(f->db, &err) == 0);
	EXPECT(director_turn(&f->fleet, f->db, &err) == 0);
}

TEST(report_with_an_ask_is_granted_and_again)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	char body[2048], ask[256], id[17];
	ANSWER(before);
	ANSWER(first);
	ANSWER(again);
	ANSWER(decision);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	fixture_report_body(h.id, 1, "", body);
	fixture_report(&f, &h, body, &before);
	EXPECT(before.status == 200);
	start_rollout(&f, id);
	(void)snprintf(ask, sizeof(ask), ", \"asks\": [{\"rollout\": \"%s\", \"level\": 4}]", id);
	fixture_report_body(h.id, 2, ask, body);
	fixture_report(&f, &h, body, &first);
	EXPECT(first.status == 200 && fixture_sealed(&f, &first));
	EXPECT_CONTAINS(buf_str(&first.body), "\"grants\"");
	EXPECT_CONTAINS(buf_str(&first.body), id);
	EXPECT_CONTAINS(buf_str(&first.body), "\"for_s\"");
	fixture_report(&f, &h, body, &again);
	EXPECT(again.status == 200);
	EXPECT(first.body.len == again.body.len &&
	       memcmp(first.body.data, again.body.data, first.body.len) == 0);
	fixture_call(&f,
		     &(const struct fixture_call){ .method = "GET",
						   .target = "/v1/decisions/canary.json" },
		     &decision);
	EXPECT(decision.status == 200);
	EXPECT_CONTAINS(buf_str(&decision.body), id);
}

TEST(report_of_a_failure_is_an_event)
{
	static const char results[] =
		", \"results\": [{\"rollout\": \"00112233445566aa\", \"level\": 3, "
		"\"result\": \"failed\", \"why\": \"<b>it's \\\"bad\\\"\\n\"}, "
		"{\"rollout\": \"00112233445566aa\", \"level\": 2, \"result\": \"settled\"}]";
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	char body[2048];
	ANSWER(res);
	ANSWER(again);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	fixture_report_body(h.id, 1, results, body);
	fixture_report(&f, &h, body, &res);
	EXPECT(res.status == 200);
	EXPECT(fixture_events(&f, "host.failed") == 1);
	fixture_report(&f, &h, body, &again);
	EXPECT(again.status == 200);
	EXPECT(fixture_events(&f, "host.failed") == 1);
}

TEST(report_with_hostile_texts_comes_out_as_data)
{
	static const char name[] =
		"'; DROP TABLE hosts; -- <script>alert(1)</script> \xf0\x9f\x90\xa7";
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	_cleanup_(json_decrefp) json_t *shown = NULL;
	struct oak_error err = { .code = OAK_OK };
	char body[2048], more[1024];
	ANSWER(res);

	fixture_open(&f);
	fixture_host(&h);
	fixture_join(&f, &h);
	(void)snprintf(more, sizeof(more), ", \"verdict\": {\"state\": \"ok\", \"text\": \"%s\"}",
		       name);
	fixture_report_body(h.id, 1, more, body);
	fixture_report(&f, &h, body, &res);
	EXPECT(res.status == 200);
	EXPECT(hosts_get(f.db, h.id, &shown, &err) == 0);
	{
		_cleanup_(freep) char *text = json_dumps(shown, 0);

		EXPECT_CONTAINS(
			text, "'; DROP TABLE hosts; -- <script>alert(1)</script> \xf0\x9f\x90\xa7");
	}
}
