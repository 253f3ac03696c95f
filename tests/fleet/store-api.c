/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routes of /api/v1 without a socket, over either database. */
#include "test.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/api/event-hub.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/http/route.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/rollouts.h"
#include "fleet/store/webhooks.h"
#include "store-fixture.h"

#define ALL (SCOPE_READ | SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_APPROVE | SCOPE_ADMIN)

static void expect_number(uint64_t got, uint64_t want, int line)
{
	char a[24], b[24];

	(void)snprintf(a, sizeof(a), "%" PRIu64, got);
	(void)snprintf(b, sizeof(b), "%" PRIu64, want);
	test_expect_str(a, b, __FILE__, line);
}
#define EXPECT_NUMBER(got, want) expect_number(got, want, __LINE__)

static int64_t now_s(void)
{
	return FIXTURE_NOW;
}

struct api {
	struct server_settings settings;
	struct fleet fleet;
	struct worker_seat seat;
	struct http_response res;
	json_t *json; /* the last answer */
};

static void start(struct api *a)
{
	struct oak_error err = { .code = OAK_OK };

	memset(a, 0, sizeof(*a));
	EXPECT(server_settings_init(&a->settings, &err) == 0);
	a->fleet = (struct fleet){ .settings = &a->settings,
				   .shelf = shelf_new(),
				   .events = event_hub_new(),
				   .now_s = now_s };
	a->seat = (struct worker_seat){ .fleet = &a->fleet, .db = fixture_open() };
}

static void stop(struct api *a)
{
	http_response_clear(&a->res);
	json_decref(a->json);
	db_close(a->seat.db);
	shelf_free(a->fleet.shelf);
	event_hub_free(a->fleet.events);
	server_settings_free(&a->settings);
}

/* "GET /api/v1/hosts"; headers: at most two, or NULL. */
struct ask {
	const char *method, *target, *body;
	const char *headers[3];
	const char *who;
	uint32_t scopes;
};

static unsigned ask(struct api *a, const struct ask *q)
{
	static const struct route *const tables[] = { routes_api, NULL };
	_cleanup_(http_request_freep) struct http_request *req = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct http_given given = { .method = q->method,
				    .target = q->target,
				    .body = q->body,
				    .len = q->body ? strlen(q->body) : 0,
				    .who = q->who ? q->who : "token:test",
				    .scopes = q->scopes ? q->scopes : ALL,
				    .now_s = FIXTURE_NOW };

	for (size_t i = 0; i < 3; i++)
		given.headers[i] = q->headers[i];
	http_response_clear(&a->res);
	memset(&a->res, 0, sizeof(a->res));
	json_decref(a->json);
	a->json = NULL;
	if (http_request_make(&given, &req, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	route_run(tables, &a->seat, req, &a->res);
	if (a->res.body.len)
		EXPECT(json_parse(a->res.body.data, a->res.body.len, 1u << 22, "answer", &a->json,
				  &err) == 0);
	return a->res.status;
}

#define ASK(...)  ask(&a, &(struct ask){ __VA_ARGS__ })
#define GET(path) ASK("GET", path)

static const char *detail(const struct api *a)
{
	const char *text = json_get_str(a->json, "detail");

	return text ? text : "(none)";
}

static const char *member(const struct api *a, const char *name)
{
	const char *text = json_get_str(a->json, name);

	return text ? text : "(none)";
}

static const char *header(const struct api *a, const char *name)
{
	for (size_t i = 0; i < a->res.n_headers; i++)
		if (strcmp(a->res.headers[i].name, name) == 0)
			return a->res.headers[i].value;
	return "(none)";
}

static void enrol_hosts(struct api *a, unsigned n, char first[33])
{
	char token[128], id[33] = "";

	fixture_token(a->seat.db, 0, token);
	for (unsigned i = 0; i < n; i++) {
		struct report r;
		bool fresh, cloned;
		struct oak_error err = { .code = OAK_OK };

		fixture_host(a->seat.db, token, i + 1, i ? id : first);
		fixture_report(i ? id : first, 1, 3, "settled", &r);
		EXPECT(fixture_take(a->seat.db, &r, &fresh, &cloned, &err) == 0);
		report_clear(&r);
	}
}

static void expect_chain(struct api *a)
{
	struct oak_error err = { .code = OAK_OK };
	uint64_t entries;

	EXPECT(audit_verify(a->seat.db, &entries, &err) == 0);
}

static bool was_audited(struct api *a, const char *action, const char *who)
{
	const struct audit_page page = { .limit = 100 };
	_cleanup_(json_decrefp) json_t *list = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *entry;
	size_t i;

	EXPECT(audit_list(a->seat.db, &page, &list, &err) == 0);
	json_array_foreach(list, i, entry)
	{
		if (strcmp(json_get_str(entry, "action"), action) == 0 &&
		    strcmp(json_get_str(entry, "who"), who) == 0)
			return true;
	}
	return false;
}

TEST(api_refuses_what_is_wrong_and_names_it)
{
	static const struct {
		const char *method, *target, *body;
		unsigned status;
		const char *detail;
	} cases[] = {
		{ "GET", "/api/v1/hosts?rings=x", NULL, 400,
		  "rings: there is no such query parameter" },
		{ "GET", "/api/v1/hosts?limit=0", NULL, 400, "limit: must be 1 to 1000" },
		{ "GET", "/api/v1/hosts?limit=-1", NULL, 400, "limit: must be a whole number" },
		{ "GET", "/api/v1/hosts?limit=99999999999999999999", NULL, 400,
		  "limit: must be a whole number" },
		{ "GET", "/api/v1/hosts?silent=1", NULL, 400, "silent: must be true or false" },
		{ "GET", "/api/v1/hosts?ring=a&ring=b", NULL, 400, "ring: given twice" },
		{ "GET", "/api/v1/rollouts?phase=x", NULL, 400, "phase: there is no such phase" },
		{ "GET", "/api/v1/info", "{}", 400, "this takes no body" },
		{ "POST", "/api/v1/tokens", "", 400, NULL },
		{ "POST", "/api/v1/tokens", "[]", 400, "body: must be a JSON object" },
		{ "POST", "/api/v1/tokens", "{", 400, NULL },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a\",\"name\":\"b\"}", 400, NULL },
		{ "POST", "/api/v1/tokens", "{\"name\":\"\xff\"}", 400, NULL },
		{ "POST", "/api/v1/tokens", "{\"nam\":\"a\"}", 400, "nam: there is no such member" },
		{ "POST", "/api/v1/tokens", "{}", 400, "name: is missing" },
		{ "POST", "/api/v1/tokens", "{\"name\":7}", 400,
		  "name: must be a plain word of 1 to 64 bytes" },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a b\"}", 400,
		  "name: must be a plain word of 1 to 64 bytes" },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a\",\"scopes\":[]}", 400,
		  "scopes: must be a list of 1 to 6 words" },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"root\"]}", 400,
		  "scopes[0]: must be read, hosts, rollouts, approve, admin or metrics" },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"read\",\"read\"]}", 400,
		  "scopes[1]: given twice" },
		{ "POST", "/api/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"read\"],\"expires\":1}",
		  400, "expires: lies in the past" },
		{ "POST", "/api/v1/tokens",
		  "{\"name\":\"a\",\"scopes\":[\"read\"],\"expires\":1e99}", 400, NULL },
		{ "POST", "/api/v1/stop", "{\"why\":\"a\\u0000b\"}", 400, NULL },
		{ "POST", "/api/v1/stop", "{\"why\":\"a\\nb\"}", 400,
		  "why: must be a line of text of 1 to 200 bytes" },
		{ "POST", "/api/v1/webhooks", "{\"url\":\"http://x/\",\"events\":[\"*\"]}", 400,
		  "url: must begin with https://" },
		{ "POST", "/api/v1/webhooks", "{\"url\":\"https://a:b@x/\",\"events\":[\"*\"]}",
		  400, "url: must have no user, password or fragment" },
		{ "POST", "/api/v1/webhooks", "{\"url\":\"https://x/\",\"events\":[\"A\"]}", 400,
		  "events[0]: must be a type such as \"rollout.halted\", \"rollout.*\" or \"*\"" },
		{ "GET", "/api/v1/hosts/nobody", NULL, 404, NULL },
		{ "GET", "/api/v1/hosts/nobody/history", NULL, 404, NULL },
		{ "GET", "/api/v1/rollouts/nobody", NULL, 404, NULL },
		{ "GET", "/api/v1/webhooks/x", NULL, 404, "x: there is no such webhook" },
		{ "GET", "/api/v1/decisions/x", NULL, 404,
		  "x: no decision was signed for such a ring" },
		{ "DELETE", "/api/v1/tokens/x", NULL, 404, NULL },
		{ "DELETE", "/api/v1/enrol-tokens/x", NULL, 404, NULL },
		{ "PATCH", "/api/v1/hosts/x", "{\"ring\":\"a\"}", 404, NULL },
		{ "PATCH", "/api/v1/hosts/x", "{}", 400, "body: say a ring, or tags" },
		{ "GET", "/api/v1/nothing", NULL, 404, NULL },
		{ "PUT", "/api/v1/hosts", NULL, 405, NULL },
	};
	struct api a;

	start(&a);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].body ? cases[i].body : cases[i].target;
		EXPECT_NUMBER(ASK(cases[i].method, cases[i].target, cases[i].body), cases[i].status);
		if (cases[i].detail)
			EXPECT_STR(detail(&a), cases[i].detail);
	}
	test_case = NULL;
	EXPECT(!was_audited(&a, "token.create", "token:test"));
	stop(&a);
}

TEST(api_asks_each_route_for_its_scope)
{
	struct api a;

	start(&a);
	for (const struct route *r = routes_api; r->method; r++) {
		test_case = r->pattern;
		if (!r->scope || r->kind == ROUTE_STREAM)
			continue;
		for (uint32_t bit = SCOPE_READ; bit <= SCOPE_METRICS; bit <<= 1) {
			unsigned status = ASK(r->method, r->pattern, NULL, .scopes = bit);

			EXPECT((status == 403) == !route_allowed(r->scope, bit));
		}
	}
	test_case = NULL;
	stop(&a);
}

TEST(api_pages_hosts_while_others_come)
{
	char first[33], token[128], id[33], target[256] = "/api/v1/hosts?limit=7";
	_cleanup_(json_decrefp) json_t *seen = json_object();
	unsigned pages = 0, late = 100;
	struct api a;

	start(&a);
	enrol_hosts(&a, 50, first);
	fixture_token(a.seat.db, 0, token);
	while (target[0] && pages < 100) {
		const json_t *host;
		size_t i;

		EXPECT_NUMBER(GET(target), 200);
		json_array_foreach(json_object_get(a.json, "hosts"), i, host)
		{
			EXPECT(!json_object_get(seen, json_get_str(host, "id")));
			(void)json_object_set_new(seen, json_get_str(host, "id"), json_true());
		}
		pages++;
		target[0] = '\0';
		if (json_get_str(a.json, "next"))
			(void)snprintf(target, sizeof(target), "/api/v1/hosts?limit=7&after=%s",
				       json_get_str(a.json, "next"));
		fixture_host(a.seat.db, token, late++, id);
	}
	for (unsigned i = 1; i <= 50; i++) {
		uint8_t key[32];
		char hex[65];

		fixture_key(i, key);
		sha256_hex(key, 32, hex);
		hex[32] = '\0';
		EXPECT(json_object_get(seen, hex) != NULL);
	}
	EXPECT_NUMBER(GET("/api/v1/hosts?after=!!"), 400);
	stop(&a);
}

TEST(api_answers_304_and_412)
{
	char first[33], target[128], etag[64];
	struct api a;

	start(&a);
	enrol_hosts(&a, 1, first);
	(void)snprintf(target, sizeof(target), "/api/v1/hosts/%s", first);
	EXPECT_NUMBER(GET(target), 200);
	(void)snprintf(etag, sizeof(etag), "%s", header(&a, "ETag"));
	EXPECT(etag[0] == '"');
	{
		char none_match[128], match[128];

		(void)snprintf(none_match, sizeof(none_match), "If-None-Match: \"x\", W/%s", etag);
		(void)snprintf(match, sizeof(match), "If-Match: %s", etag);
		EXPECT_NUMBER(ASK("GET", target, .headers = { none_match }), 304);
		EXPECT(a.res.body.len == 0);
		EXPECT_NUMBER(ASK("PATCH", target, "{\"ring\":\"canary\"}", .headers = { match }),
			      200);
		EXPECT_STR(member(&a, "ring"), "canary");
		EXPECT_NUMBER(ASK("GET", target, .headers = { none_match }), 200);
		EXPECT_NUMBER(ASK("PATCH", target, "{\"ring\":\"other\"}", .headers = { match }),
			      412);
		EXPECT_STR(member(&a, "code"), "changed");
		EXPECT_NUMBER(ASK("PATCH", target, "{\"tags\":[\"az=1\"]}",
				  .headers = { "If-Match: *" }),
			      200);
	}
	EXPECT_NUMBER(GET(target), 200);
	EXPECT_STR(member(&a, "ring"), "canary");
	EXPECT(was_audited(&a, "host.change", "token:test"));
	expect_chain(&a);
	stop(&a);
}

TEST(api_does_a_thing_once_for_a_key)
{
	static const char body[] = "{\"name\":\"ci\",\"scopes\":[\"read\"]}";
	struct api a;
	char id[64];

	start(&a);
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", body, .headers = { "Idempotency-Key: k1" }),
		      201);
	EXPECT(strncmp(member(&a, "token"), "oakum-api-", 10) == 0);
	(void)snprintf(id, sizeof(id), "%s", member(&a, "id"));
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", body, .headers = { "Idempotency-Key: k1" }),
		      201);
	EXPECT_STR(member(&a, "id"), id);
	EXPECT_STR(header(&a, "Idempotency-Replayed"), "true");
	/* What is kept for a day has no secret. */
	EXPECT(json_is_null(json_object_get(a.json, "token")));
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\"]}",
			  .headers = { "Idempotency-Key: k1" }),
		      422);
	EXPECT_STR(member(&a, "code"), "idempotency-key");
	/* A key belongs to the token that sent it. */
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", "{\"name\":\"y\",\"scopes\":[\"read\"]}",
			  .headers = { "Idempotency-Key: k1" }, .who = "token:other"),
		      201);
	/* What was refused leaves its key free. */
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", body, .headers = { "Idempotency-Key: k2" }),
		      409);
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", "{\"name\":\"z\",\"scopes\":[\"read\"]}",
			  .headers = { "Idempotency-Key: k2" }),
		      201);
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens", body, .headers = { "Idempotency-Key: a b" }),
		      400);
	EXPECT_NUMBER(GET("/api/v1/tokens"), 200);
	EXPECT_NUMBER(json_array_size(json_object_get(a.json, "tokens")), 3);
	expect_chain(&a);
	stop(&a);
}

struct racer {
	struct api *a;
	struct db *db;
	unsigned status;
	char id[64];
};

static void *race(void *arg)
{
	struct racer *r = arg;
	struct api own = *r->a;

	own.seat.db = r->db;
	own.json = NULL;
	memset(&own.res, 0, sizeof(own.res));
	r->status = ask(&own, &(struct ask){ "POST",
					     "/api/v1/rollouts",
					     "{\"name\":\"once\",\"level\":3}",
					     { "Idempotency-Key: same" } });
	(void)snprintf(r->id, sizeof(r->id), "%s", member(&own, "id"));
	json_decref(own.json);
	http_response_clear(&own.res);
	return NULL;
}

TEST(api_makes_one_rollout_of_eight_requests)
{
	struct racer racers[8];
	pthread_t threads[8];
	struct api a;
	const char *url = fixture_url();

	start(&a);
	db_close(a.seat.db);
	a.seat.db = fixture_migrated(url);
	for (size_t i = 0; i < 8; i++) {
		racers[i] = (struct racer){ .a = &a, .db = fixture_again(url) };
		EXPECT(pthread_create(&threads[i], NULL, race, &racers[i]) == 0);
	}
	for (size_t i = 0; i < 8; i++) {
		(void)pthread_join(threads[i], NULL);
		EXPECT_NUMBER(racers[i].status, 201);
		EXPECT_STR(racers[i].id, racers[0].id);
		db_close(racers[i].db);
	}
	EXPECT_NUMBER(GET("/api/v1/rollouts"), 200);
	EXPECT_NUMBER(json_array_size(json_object_get(a.json, "rollouts")), 1);
	expect_chain(&a);
	stop(&a);
}

TEST(api_wants_a_second_person_to_approve)
{
	char target[128], id[32];
	struct api a;

	start(&a);
	EXPECT_NUMBER(ASK("POST", "/api/v1/rollouts",
			  "{\"name\":\"two <b>\",\"level\":3,\"approval\":true}",
			  .who = "token:ann"),
		      201);
	(void)snprintf(id, sizeof(id), "%s", member(&a, "id"));
	(void)snprintf(target, sizeof(target), "/api/v1/rollouts/%s/submit", id);
	EXPECT_NUMBER(ASK("POST", target, .who = "token:ann"), 200);
	EXPECT_STR(member(&a, "phase"), "pending-approval");
	(void)snprintf(target, sizeof(target), "/api/v1/rollouts/%s/approve", id);
	EXPECT_NUMBER(ASK("POST", target, .who = "token:ann"), 409);
	EXPECT_NUMBER(ASK("POST", target, .who = "token:bob"), 200);
	EXPECT_STR(member(&a, "phase"), "scheduled");
	EXPECT_STR(member(&a, "approved_by"), "token:bob");
	EXPECT_STR(member(&a, "name"), "two <b>");
	(void)snprintf(target, sizeof(target), "/api/v1/rollouts/%s/cancel", id);
	EXPECT_NUMBER(ASK("POST", target), 200);
	EXPECT_NUMBER(ASK("POST", target), 409);
	expect_chain(&a);
	stop(&a);
}

TEST(api_stops_all_and_lifts_it)
{
	struct api a;

	start(&a);
	EXPECT_NUMBER(GET("/api/v1/stop"), 200);
	EXPECT(json_is_false(json_object_get(a.json, "stopped")));
	EXPECT_NUMBER(ASK("POST", "/api/v1/stop", "{\"why\":\"'); DROP TABLE hosts; --\"}"), 200);
	EXPECT(json_is_true(json_object_get(a.json, "stopped")));
	EXPECT_STR(member(&a, "why"), "'); DROP TABLE hosts; --");
	EXPECT_STR(member(&a, "who"), "token:test");
	EXPECT_NUMBER(ASK("DELETE", "/api/v1/stop"), 200);
	EXPECT(json_is_false(json_object_get(a.json, "stopped")));
	EXPECT_NUMBER(GET("/api/v1/overview"), 200);
	expect_chain(&a);
	stop(&a);
}

TEST(api_tells_what_tokens_may)
{
	char target[128];
	struct api a;

	start(&a);
	EXPECT_NUMBER(ASK("POST", "/api/v1/enrol-tokens",
			  "{\"name\":\"caf\xc3\xa9 <script>\",\"ring\":\"canary\",\"tags\":[\"az=1\"],"
			  "\"uses\":2}"),
		      201);
	EXPECT(strncmp(member(&a, "token"), "oakum-enrol-", 12) == 0);
	(void)snprintf(target, sizeof(target), "/api/v1/enrol-tokens/%s", member(&a, "id"));
	EXPECT_NUMBER(GET("/api/v1/enrol-tokens"), 200);
	EXPECT(!strstr(buf_str(&a.res.body), "oakum-enrol-"));
	EXPECT(strstr(buf_str(&a.res.body), "caf\xc3\xa9 <script>") != NULL);
	EXPECT_NUMBER(ASK("DELETE", target), 204);
	EXPECT_NUMBER(ASK("POST", "/api/v1/tokens",
			  "{\"name\":\"ops\",\"scopes\":[\"read\",\"admin\"]}"),
		      201);
	EXPECT_NUMBER(json_array_size(json_object_get(a.json, "scopes")), 2);
	EXPECT_NUMBER(GET("/api/v1/tokens"), 200);
	EXPECT(!strstr(buf_str(&a.res.body), "oakum-api-"));
	EXPECT(was_audited(&a, "enrol-token.create", "token:test"));
	EXPECT(was_audited(&a, "enrol-token.revoke", "token:test"));
	EXPECT(was_audited(&a, "token.create", "token:test"));
	expect_chain(&a);
	stop(&a);
}

TEST(webhook_deliveries_are_made_once_and_claimed_once)
{
	struct webhook_delivery d[4] = { 0 }, other[4] = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char target[128];
	struct api a;

	start(&a);
	EXPECT_NUMBER(
		ASK("POST", "/api/v1/webhooks",
		    "{\"url\":\"https://hooks.example/x\",\"events\":[\"rollout.*\",\"host.failed\"],"
		    "\"secret\":\"0123456789abcdef\"}"),
		201);
	EXPECT_STR(member(&a, "secret"), "0123456789abcdef");
	(void)snprintf(target, sizeof(target), "/api/v1/webhooks/%s", member(&a, "id"));
	EXPECT_NUMBER(GET(target), 200);
	EXPECT(!json_object_get(a.json, "secret"));
	for (int i = 0; i < 3; i++) {
		static const char *const types[] = { "rollout.halted", "host.enrolled",
						     "host.failed" };
		const struct event e = { .type = types[i], .subject = "x", .at_s = FIXTURE_NOW };

		EXPECT(db_begin(a.seat.db, &err) == 0 && event_add(a.seat.db, &e, &err) == 0 &&
		       db_commit(a.seat.db, &err) == 0);
	}
	EXPECT(webhook_fan_out(a.seat.db, FIXTURE_NOW, &err) == 0);
	EXPECT(webhook_fan_out(a.seat.db, FIXTURE_NOW, &err) == 0);
	/* One of a webhook at a time. */
	EXPECT(webhook_claim(a.seat.db, FIXTURE_NOW, d, 4, &err) == 1);
	EXPECT_NUMBER(d[0].tries, 1);
	EXPECT(webhook_claim(a.seat.db, FIXTURE_NOW, other, 4, &err) == 1);
	EXPECT(strcmp(other[0].id, d[0].id) != 0);
	EXPECT(webhook_done(a.seat.db, &d[0],
			    &(struct webhook_result){ .status = 500,
						      .why = "answered 500",
						      .next_s = FIXTURE_NOW + 10 },
			    FIXTURE_NOW, &err) == 0);
	EXPECT(webhook_done(a.seat.db, &other[0],
			    &(struct webhook_result){ .status = 200, .why = "", .good = true },
			    FIXTURE_NOW, &err) == 0);
	webhook_delivery_clear(&d[0]);
	webhook_delivery_clear(&other[0]);
	EXPECT(webhook_claim(a.seat.db, FIXTURE_NOW, d, 4, &err) == 0);
	EXPECT(webhook_claim(a.seat.db, FIXTURE_NOW + 10, d, 4, &err) == 1);
	EXPECT_NUMBER(d[0].tries, 2);
	webhook_delivery_clear(&d[0]);
	(void)snprintf(target + strlen(target), sizeof(target) - strlen(target), "/deliveries");
	EXPECT_NUMBER(GET(target), 200);
	EXPECT_NUMBER(json_array_size(json_object_get(a.json, "deliveries")), 2);
	*strrchr(target, '/') = '\0';
	EXPECT_NUMBER(ASK("PATCH", target, "{\"active\":false}"), 200);
	EXPECT(json_is_false(json_object_get(a.json, "active")));
	EXPECT_NUMBER(ASK("DELETE", target), 204);
	EXPECT_NUMBER(GET(target), 404);
	expect_chain(&a);
	stop(&a);
}
