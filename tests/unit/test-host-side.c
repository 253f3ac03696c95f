/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hosts call, without sockets, over a real database. */
#include "fleet-fixture.h"

#include <jansson.h>

#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/ops/metrics.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"

#define MACHINE "00112233445566778899aabbccddeeff"
#define KERNEL  "0123456789abcdef0123456789abcdef01234567"

/* Clears an answer at the end of its scope. */
#define ANSWER(name) _cleanup_(http_response_clear) struct http_response name = { .status = 0 }

static void enrol_body(const struct fixture_host *h, const char *token, const char *more,
		       char ret[1024])
{
	(void)snprintf(ret, 1024,
		       "{\"schema\": 1, \"token\": \"%s\", \"key\": \"%s\", \"name\": \"web-17\", "
		       "\"machine\": \"" MACHINE "\"%s}",
		       token, h->hex, more);
}

static void do_enrol(struct fleet_fixture *f, const struct fixture_host *signer, const char *body,
		     struct http_response *ret)
{
	fixture_call(f,
		     &(const struct fixture_call){ .method = "POST",
						   .target = "/v1/enrol",
						   .body = body,
						   .signer = signer,
						   .kind = SEAL_ENROL },
		     ret);
}

/* Enrols @h with a token of its own. */
static void join(struct fleet_fixture *f, const struct fixture_host *h)
{
	const struct enrol_token_new t = { .name = "test", .ring = "canary", .own_tags = true };
	char token[TOKEN_TEXT_MAX], body[1024];
	ANSWER(res);

	fixture_token(f, &t, token);
	enrol_body(h, token, ", \"tags\": [\"role=web\"]", body);
	do_enrol(f, h, body, &res);
	EXPECT(res.status == 201);
}

static void report_body(const char *host, unsigned sequence, const char *more, char ret[2048])
{
	(void)snprintf(ret, 2048,
		       "{\"schema\": 1, \"host\": \"%s\", \"sequence\": %u, \"time\": 1800000000, "
		       "\"agent\": \"0.1.0\", \"name\": \"web-17\", \"boot\": \"0011223344556677\", "
		       "\"kernel\": {\"build_id\": \"" KERNEL
		       "\", \"release\": \"6.1.0-50-amd64\", "
		       "\"arch\": \"x86_64\", \"effective\": \"6.1.170-1\"}, "
		       "\"tags\": [\"role=web\"], "
		       "\"level\": {\"number\": 0, \"state\": \"none\", \"since\": 1800000000}%s}",
		       host, sequence, more);
}

static void do_report(struct fleet_fixture *f, const struct fixture_host *h, const char *body,
		      struct http_response *ret)
{
	fixture_call(f,
		     &(const struct fixture_call){ .method = "POST",
						   .target = "/v1/report",
						   .body = body,
						   .signer = h,
						   .kind = SEAL_REPORT,
						   .host = h->id },
		     ret);
}

static size_t count_events(struct fleet_fixture *f, const char *type)
{
	_cleanup_(json_decrefp) json_t *all = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *event;
	size_t i, n = 0;

	EXPECT(event_list(f->db, 0, 1000, &all, &err) == 0);
	json_array_foreach(all, i, event) n += strcmp(json_get_str(event, "type"), type) == 0;
	return n;
}

static uint64_t audit_entries(struct fleet_fixture *f)
{
	struct oak_error err = { .code = OAK_OK };
	uint64_t n = 0;

	EXPECT(audit_verify(f->db, &n, &err) == 0);
	return n;
}

TEST(enrol_gives_a_sealed_answer_and_the_same_again)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL };
	const struct enrol_token_new t = { .name = "t", .ring = "canary", .uses = 1 };
	char token[TOKEN_TEXT_MAX], body[1024];
	uint64_t entries;
	ANSWER(first);
	ANSWER(again);

	fixture_open(&f);
	fixture_host(&h);
	fixture_token(&f, &t, token);
	enrol_body(&h, token, "", body);
	do_enrol(&f, &h, body, &first);
	EXPECT(first.status == 201 && fixture_sealed(&f, &first));
	EXPECT_STR(fixture_member(&first, "host"), h.id);
	EXPECT_STR(fixture_member(&first, "ring"), "canary");
	EXPECT_STR(fixture_member(&first, "name"), "web-17");
	EXPECT_STR(fixture_member(&first, "poll_s"), "3600");
	EXPECT_STR(fixture_member(&first, "report_s"), "14400");
	EXPECT(count_events(&f, "host.enrolled") == 1);
	entries = audit_entries(&f);
	/* The token is spent; the answer was lost. */
	do_enrol(&f, &h, body, &again);
	EXPECT(again.status == 200 && fixture_sealed(&f, &again));
	EXPECT(first.body.len == again.body.len &&
	       memcmp(first.body.data, again.body.data, first.body.len) == 0);
	EXPECT(count_events(&f, "host.enrolled") == 1);
	EXPECT(audit_entries(&f) == entries);
}

TEST(enrol_refuses)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host h = { .key = NULL },
							 other = { .key = NULL };
	const struct enrol_token_new good = { .name = "t", .ring = "default" };
	char token[TOKEN_TEXT_MAX], body[1024], no_key[1024], bad_tag[1024], no_token[1024];
	const struct {
		const char *name, *body;
		const struct fixture_host *signer;
		enum seal_kind kind;
		unsigned status;
		const char *code;
	} cases[] = {
		{ "not signed", body, NULL, SEAL_ENROL, 401, "signature" },
		{ "by another key", body, &other, SEAL_ENROL, 401, "signature" },
		{ "a report's seal", body, &h, SEAL_REPORT, 401, "signature" },
		{ "an answer's seal", body, &h, SEAL_ANSWER, 401, "signature" },
		{ "no key", no_key, &h, SEAL_ENROL, 400, "malformed" },
		{ "a tag that is none", bad_tag, &h, SEAL_ENROL, 400, "malformed" },
		{ "no JSON", "{", &h, SEAL_ENROL, 400, "malformed" },
		{ "nothing", "", &h, SEAL_ENROL, 400, "malformed" },
		{ "an array", "[]", &h, SEAL_ENROL, 400, "malformed" },
		{ "unknown token", no_token, &h, SEAL_ENROL, 403, "token-unknown" },
	};

	fixture_open(&f);
	fixture_host(&h);
	fixture_host(&other);
	fixture_token(&f, &good, token);
	enrol_body(&h, token, "", body);
	enrol_body(&h, token, ", \"tags\": [\"<script>\"]", bad_tag);
	enrol_body(&h, "oakum-enrol-0000000000000000-00", "", no_token);
	(void)snprintf(no_key, sizeof(no_key), "{\"schema\": 1, \"token\": \"%s\"}", token);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ANSWER(res);

		test_case = cases[i].name;
		fixture_call(&f,
			     &(const struct fixture_call){ .method = "POST",
							   .target = "/v1/enrol",
							   .body = cases[i].body,
							   .signer = cases[i].signer,
							   .kind = cases[i].kind },
			     &res);
		EXPECT(res.status == cases[i].status);
		EXPECT_STR(fixture_member(&res, "code"), cases[i].code);
		EXPECT(!strstr(buf_str(&res.body), token));
	}
	test_case = NULL;
	EXPECT(count_events(&f, "host.enrolled") == 0);
}

TEST(enrol_by_a_token_that_is_no_longer_good)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	_cleanup_(fixture_host_free) struct fixture_host a = { .key = NULL }, b = { .key = NULL };
	const struct enrol_token_new once = { .name = "once", .ring = "default", .uses = 1 };
	const struct enrol_token_new brief = { .name = "brief",
					       .ring = "default",
					       .expires_s = FIXTURE_NOW + 10 };
	char token[TOKEN_TEXT_MAX], body[1024];
	struct fixture_call late = { .method = "POST",
				     .target = "/v1/enrol",
				     .body = body,
				     .signer = &b,
				     .kind = SEAL_ENROL,
				     .now_s = FIXTURE_NOW + 11 };
	ANSWER(first);
	ANSWER(spent);
	ANSWER(expired);

	fixture_open(&f);
	fixture_host(&a);
	fixture_host(&b);
	fixture_token(&f, &once, token);
	enrol_body(&a, token, "", body);
	do_enrol(&f, &a, body, &first);
	EXPECT(first.status == 201);
	enrol_body(&b, token, "", body);
	do_enrol(&f, &b, body, &spent);
	EXPECT(spent.status == 403);
	EXPECT_STR(fixture_member(&spent, "code"), "token-spent");
	fixture_token(&f, &brief, token);
	enrol_body(&b, token, "", body);
	fixture_call(&f, &late, &expired);
	EXPECT(expired.status == 403);
	EXPECT_STR(fixture_member(&expired, "code"), "token-expired");
}

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
	join(&f, &h);
	report_body(h.id, 1, "", body);
	do_report(&f, &h, body, &first);
	EXPECT(first.status == 200 && fixture_sealed(&f, &first));
	EXPECT_STR(fixture_member(&first, "host"), h.id);
	EXPECT_STR(fixture_member(&first, "sequence"), "1");
	EXPECT_STR(fixture_member(&first, "ring"), "canary");
	EXPECT_CONTAINS(buf_str(&first.body), "role=web");
	EXPECT(hosts_get(f.db, h.id, &shown, &err) == 0);
	do_report(&f, &h, body, &again);
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
	join(&f, &h);
	join(&f, &other);
	report_body(h.id, 1, "", body);
	report_body(other.id, 1, "", of_other);
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
	join(&f, &h);
	report_body(h.id, 1, "", one);
	report_body(h.id, 2, "", two);
	report_body(h.id, 7, "", gap);
	report_body(h.id, 7, ", \"newest\": 3", other_two);
	do_report(&f, &h, one, &a);
	EXPECT(a.status == 200);
	do_report(&f, &h, two, &b);
	EXPECT(b.status == 200);
	/* What was lost between is lost: the host counts, the server only looks. */
	do_report(&f, &h, gap, &c);
	EXPECT(c.status == 200);
	entries = audit_entries(&f);
	/* Replayed: older, by whoever recorded it. */
	do_report(&f, &h, two, &d);
	EXPECT(d.status == 409 && fixture_sealed(&f, &d));
	EXPECT_STR(fixture_member(&d, "code"), "sequence");
	EXPECT_STR(fixture_member(&d, "expected"), "7");
	EXPECT_STR(fixture_member(&d, "machine"), MACHINE);
	EXPECT_STR(fixture_member(&d, "host"), h.id);
	/* The same number, other bytes, and a good seal: two have the key. */
	do_report(&f, &h, other_two, &e);
	EXPECT(e.status == 409);
	EXPECT(hosts_find(f.db, h.id, &stored, &err) == 0);
	EXPECT(stored.cloned && stored.sequence == 7);
	EXPECT(count_events(&f, "host.cloned") == 1);
	EXPECT(audit_entries(&f) == entries + 1);
	/* Told once, not with each further report. */
	{
		ANSWER(again);

		do_report(&f, &h, other_two, &again);
		EXPECT(again.status == 409);
	}
	EXPECT(count_events(&f, "host.cloned") == 1);
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
	join(&f, &h);
	EXPECT(db_begin(f.db, &err) == 0);
	EXPECT(hosts_revoke(f.db, h.id, FIXTURE_NOW, &err) == 0);
	EXPECT(db_commit(f.db, &err) == 0);
	report_body(h.id, 1, "", body);
	do_report(&f, &h, body, &res);
	EXPECT(res.status == 403);
	EXPECT_STR(fixture_member(&res, "code"), "host-revoked");
	/* With the same key it does not come back. */
	fixture_token(&f, &t, token);
	enrol_body(&h, token, "", enrolment);
	do_enrol(&f, &h, enrolment, &back);
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
			join(&f, &hosts[i]);
		report_body(hosts[i].id, 1, "", bodies[i]);
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
		join(&f, &hosts[i]);
		report_body(hosts[i].id, i == 2 ? 4242 : 1, "", bodies[i]);
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
	join(&f, &h);
	report_body(h.id, 1, "", body);
	do_report(&f, &h, body, &before);
	EXPECT(before.status == 200);
	start_rollout(&f, id);
	(void)snprintf(ask, sizeof(ask), ", \"asks\": [{\"rollout\": \"%s\", \"level\": 4}]", id);
	report_body(h.id, 2, ask, body);
	do_report(&f, &h, body, &first);
	EXPECT(first.status == 200 && fixture_sealed(&f, &first));
	EXPECT_CONTAINS(buf_str(&first.body), "\"grants\"");
	EXPECT_CONTAINS(buf_str(&first.body), id);
	EXPECT_CONTAINS(buf_str(&first.body), "\"for_s\"");
	do_report(&f, &h, body, &again);
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
	join(&f, &h);
	report_body(h.id, 1, results, body);
	do_report(&f, &h, body, &res);
	EXPECT(res.status == 200);
	EXPECT(count_events(&f, "host.failed") == 1);
	do_report(&f, &h, body, &again);
	EXPECT(again.status == 200);
	EXPECT(count_events(&f, "host.failed") == 1);
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
	join(&f, &h);
	(void)snprintf(more, sizeof(more), ", \"verdict\": {\"state\": \"ok\", \"text\": \"%s\"}",
		       name);
	report_body(h.id, 1, more, body);
	do_report(&f, &h, body, &res);
	EXPECT(res.status == 200);
	EXPECT(hosts_get(f.db, h.id, &shown, &err) == 0);
	{
		_cleanup_(freep) char *text = json_dumps(shown, 0);

		EXPECT_CONTAINS(
			text, "'; DROP TABLE hosts; -- <script>alert(1)</script> \xf0\x9f\x90\xa7");
	}
}

TEST(decision_is_given_off_the_shelf)
{
	static const struct {
		const char *file, *header;
		unsigned status;
	} cases[] = {
		{ "default.json", NULL, 200 },
		{ "default.json", "If-None-Match: \"17\"", 304 },
		{ "default.json", "If-None-Match: W/\"17\"", 304 },
		{ "default.json", "If-None-Match: \"16\", \"17\"", 304 },
		{ "default.json", "If-None-Match: *", 304 },
		{ "default.json", "If-None-Match: \"16\"", 200 },
		{ "default.json", "If-None-Match: 17", 200 },
		{ "default.json", "If-None-Match: \"171\"", 200 },
		{ "other.json", NULL, 404 },
		{ "default", NULL, 404 },
		{ ".json", NULL, 404 },
		{ "default.json.json", NULL, 404 },
	};
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };

	fixture_open(&f);
	shelf_put(f.fleet.shelf, "default", 17, strdup("{\"signed\": {}}"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char target[64];
		ANSWER(res);

		test_case = cases[i].header ? cases[i].header : cases[i].file;
		(void)snprintf(target, sizeof(target), "/v1/decisions/%s", cases[i].file);
		fixture_call(&f,
			     &(const struct fixture_call){
				     .method = "GET", .target = target, .other = cases[i].header },
			     &res);
		EXPECT(res.status == cases[i].status);
		if (res.status == 200)
			EXPECT_STR(buf_str(&res.body), "{\"signed\": {}}");
		if (res.status == 304)
			EXPECT(res.body.len == 0);
		if (res.status < 400) {
			EXPECT_STR(fixture_header(&res, "ETag"), "\"17\"");
			EXPECT_STR(fixture_header(&res, "Cache-Control"), "max-age=60");
		}
	}
	test_case = NULL;
}

TEST(health_and_readiness)
{
	_cleanup_(fixture_close) struct fleet_fixture f = { .db = NULL };
	ANSWER(health);
	ANSWER(not_yet);
	ANSWER(ready);
	ANSWER(stale);

	fixture_open(&f);
	fixture_call(&f, &(const struct fixture_call){ .method = "GET", .target = "/healthz" },
		     &health);
	EXPECT(health.status == 200);
	fixture_call(&f, &(const struct fixture_call){ .method = "GET", .target = "/readyz" },
		     &not_yet);
	EXPECT(not_yet.status == 503);
	EXPECT_STR(fixture_member(&not_yet, "code"), "decisions");
	metrics_turn(f.fleet.metrics, FIXTURE_NOW - 60, 0);
	fixture_call(&f, &(const struct fixture_call){ .method = "GET", .target = "/readyz" },
		     &ready);
	EXPECT(ready.status == 200);
	metrics_turn(f.fleet.metrics, FIXTURE_NOW - 61, 0);
	fixture_call(&f, &(const struct fixture_call){ .method = "GET", .target = "/readyz" },
		     &stale);
	EXPECT(stale.status == 503);
}
