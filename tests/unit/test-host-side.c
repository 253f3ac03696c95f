/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts come, decisions go, without sockets, over a real database. */
#include "fleet-fixture.h"

#include "fleet/director/shelf.h"
#include "fleet/ops/metrics.h"

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
	fixture_enrol_body(&h, token, "", body);
	fixture_enrol(&f, &h, body, &first);
	EXPECT(first.status == 201 && fixture_sealed(&f, &first));
	EXPECT_STR(fixture_member(&first, "host"), h.id);
	EXPECT_STR(fixture_member(&first, "ring"), "canary");
	EXPECT_STR(fixture_member(&first, "name"), "web-17");
	EXPECT_STR(fixture_member(&first, "poll_s"), "3600");
	EXPECT_STR(fixture_member(&first, "report_s"), "14400");
	EXPECT(fixture_events(&f, "host.enrolled") == 1);
	entries = fixture_audit(&f);
	/* The token is spent; the answer was lost. */
	fixture_enrol(&f, &h, body, &again);
	EXPECT(again.status == 200 && fixture_sealed(&f, &again));
	EXPECT(first.body.len == again.body.len &&
	       memcmp(first.body.data, again.body.data, first.body.len) == 0);
	EXPECT(fixture_events(&f, "host.enrolled") == 1);
	EXPECT(fixture_audit(&f) == entries);
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
	fixture_enrol_body(&h, token, "", body);
	fixture_enrol_body(&h, token, ", \"tags\": [\"<script>\"]", bad_tag);
	fixture_enrol_body(&h, "oakum-enrol-0000000000000000-00", "", no_token);
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
	EXPECT(fixture_events(&f, "host.enrolled") == 0);
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
	fixture_enrol_body(&a, token, "", body);
	fixture_enrol(&f, &a, body, &first);
	EXPECT(first.status == 201);
	fixture_enrol_body(&b, token, "", body);
	fixture_enrol(&f, &b, body, &spent);
	EXPECT(spent.status == 403);
	EXPECT_STR(fixture_member(&spent, "code"), "token-spent");
	fixture_token(&f, &brief, token);
	fixture_enrol_body(&b, token, "", body);
	fixture_call(&f, &late, &expired);
	EXPECT(expired.status == 403);
	EXPECT_STR(fixture_member(&expired, "code"), "token-expired");
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
