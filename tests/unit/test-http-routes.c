/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "fleet/http/route.h"
#include "fleet/http/target.h"

TEST(target_decodes_and_refuses)
{
	static const struct {
		const char *in, *path, *msg;
	} cases[] = {
		{ "/", "/", NULL },
		{ "/a/b", "/a/b", NULL },
		{ "/a/", "/a/", NULL },
		{ "/a%20b%C3%A4", "/a b\xc3\xa4", NULL },
		{ "/a+b", "/a+b", NULL },
		{ "/...", "/...", NULL },
		{ "/.hidden", "/.hidden", NULL },
		{ "", NULL, "the path does not begin with \"/\"" },
		{ "*", NULL, "the path does not begin with \"/\"" },
		{ "http://x/a", NULL, "the path does not begin with \"/\"" },
		{ "/a%", NULL, "the path has a malformed \"%\"" },
		{ "/a%2", NULL, "the path has a malformed \"%\"" },
		{ "/a%zz", NULL, "the path has a malformed \"%\"" },
		{ "/a%00b", NULL, "the path has a malformed \"%\"" },
		{ "/a%2fb", NULL, "the path has a character that is not allowed there" },
		{ "/a%5cb", NULL, "the path has a character that is not allowed there" },
		{ "/a\\b", NULL, "the path has a character that is not allowed there" },
		{ "/a%0ab", NULL, "the path has a character that is not allowed there" },
		{ "/a%7f", NULL, "the path has a character that is not allowed there" },
		{ "/a#b", NULL, "the path has a character that is not allowed there" },
		{ "/a%ff", NULL, "the path is not UTF-8" },
		{ "/%c0%ae%c0%ae/x", NULL, "the path is not UTF-8" },
		{ "/%ed%a0%80", NULL, "the path is not UTF-8" },
		{ "/%f4%90%80%80", NULL, "the path is not UTF-8" },
		{ "//a", NULL, "the path has an empty segment, \".\" or \"..\"" },
		{ "/a//b", NULL, "the path has an empty segment, \".\" or \"..\"" },
		{ "/a/../b", NULL, "the path has an empty segment, \".\" or \"..\"" },
		{ "/..", NULL, "the path has an empty segment, \".\" or \"..\"" },
		{ "/a/%2e%2E", NULL, "the path has an empty segment, \".\" or \"..\"" },
		{ "/./a", NULL, "the path has an empty segment, \".\" or \"..\"" },
		/* Decoded once: what is left is a name with a percent sign. */
		{ "/%252e%252e/x", "/%2e%2e/x", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *text = strdup(cases[i].in);
		struct oak_error err = { 0 };
		struct http_target t;
		int r;

		test_case = cases[i].in;
		EXPECT(text);
		r = http_target_parse(text, &t, &err);
		EXPECT(r == (cases[i].path ? 0 : -OAK_E_FORMAT));
		if (r == 0)
			EXPECT_STR(t.path, cases[i].path);
		else
			EXPECT_STR(err.msg, cases[i].msg);
	}
}

TEST(target_reads_queries)
{
	struct http_given given = { .method = "GET", .target = "/x?a=1&b=x%20y+z%2B&&c&d=&e==%26" };
	_cleanup_(http_request_freep) struct http_request *req = NULL;
	struct oak_error err = { 0 };

	EXPECT(http_request_make(&given, &req, &err) == 0);
	EXPECT(req->n_query == 5);
	EXPECT_STR(http_query(req, "a"), "1");
	EXPECT_STR(http_query(req, "b"), "x y z+");
	EXPECT_STR(http_query(req, "c"), "");
	EXPECT_STR(http_query(req, "d"), "");
	EXPECT_STR(http_query(req, "e"), "=&");
	EXPECT(!http_query(req, "f"));
}

TEST(target_is_bounded)
{
	char many[HTTP_QUERY_MAX * 2 + 8] = "/?", *at = many + 2;
	char *longest = malloc(HTTP_TARGET_MAX + 2);
	struct oak_error err = { 0 };
	struct http_target t;

	for (int i = 0; i <= HTTP_QUERY_MAX; i++, at += 2)
		memcpy(at, "a&", 3);
	EXPECT(http_target_parse(many, &t, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "the query has more than 32 parameters");
	EXPECT(longest);
	memset(longest, '/', 1);
	memset(longest + 1, 'a', HTTP_TARGET_MAX);
	longest[HTTP_TARGET_MAX + 1] = '\0';
	EXPECT(http_target_parse(longest, &t, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "the path is longer than 2048 bytes");
	longest[HTTP_TARGET_MAX] = '\0';
	EXPECT(http_target_parse(longest, &t, &err) == 0);
	free(longest);
}

static const struct route first[] = {
	{ "GET", "/v1/hosts" },         { "POST", "/v1/hosts" },
	{ "GET", "/v1/hosts/mine" },    { "GET", "/v1/hosts/{id}" },
	{ "DELETE", "/v1/hosts/{id}" }, { "GET", "/v1/hosts/{id}/tags/{tag}" },
	{ "GET", "/files/*" },          { 0 },
};
static const struct route second[] = { { "PUT", "/v1/hosts" }, { "GET", "/" }, { 0 } };
static const struct route *const tables[] = { first, second, NULL };

TEST(route_find_matches)
{
	static const struct {
		const char *method, *path, *pattern;
		unsigned status;
		const char *allow, *params[2];
	} cases[] = {
		{ "GET", "/v1/hosts", "/v1/hosts", .allow = "" },
		{ "HEAD", "/v1/hosts", "/v1/hosts", .allow = "" },
		{ "PUT", "/v1/hosts", "/v1/hosts", .allow = "GET, HEAD, POST" },
		{ "GET", "/v1/hosts/mine", "/v1/hosts/mine", .allow = "" },
		{ "GET", "/v1/hosts/a b", "/v1/hosts/{id}", 0, "", { "a b" } },
		{ "GET", "/v1/hosts/a/tags/b", "/v1/hosts/{id}/tags/{tag}", 0, "", { "a", "b" } },
		{ "GET", "/files/a/b.json", "/files/*", 0, "", { "a/b.json" } },
		{ "GET", "/files/", "/files/*", 0, "", { "" } },
		{ "GET", "/", "/", .allow = "" },
		{ "GET", "/files", NULL, 404, "" },
		{ "GET", "/v1/hosts/", NULL, 404, "" },
		{ "GET", "/v1/host", NULL, 404, "" },
		{ "GET", "/v1/hostss", NULL, 404, "" },
		{ "GET", "/v1/hosts/a/tags", NULL, 404, "" },
		{ "GET", "/v1/hosts/a/tags/b/c", NULL, 404, "" },
		{ "PATCH", "/v1/hosts", NULL, 405, "GET, HEAD, POST, PUT" },
		{ "get", "/v1/hosts", NULL, 405, "GET, HEAD, POST, PUT" },
		{ "DELETE", "/files/x", NULL, 405, "GET, HEAD" },
		{ "OPTIONS", "/v1/hosts/x", NULL, 204, "GET, HEAD, DELETE" },
	};
	char room[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route_found found;

		test_case = cases[i].path;
		route_find(tables, cases[i].method, cases[i].path, room, &found);
		EXPECT((found.route != NULL) == (cases[i].pattern != NULL));
		if (!found.route)
			EXPECT(found.status == cases[i].status);
		else
			EXPECT_STR(found.route->pattern, cases[i].pattern);
		if (!found.route || cases[i].allow[0])
			EXPECT_STR(found.allow, cases[i].allow);
		for (size_t p = 0; p < 2 && found.route; p++)
			if (cases[i].params[p])
				EXPECT_STR(found.params[p], cases[i].params[p]);
	}
}

TEST(responses_say_what_is_wrong)
{
	static const struct {
		enum oak_code code;
		unsigned status;
		const char *word;
	} cases[] = {
		{ OAK_E_REFUSED, 409, "refused" },    { OAK_E_NOTFOUND, 404, "not-found" },
		{ OAK_E_FORMAT, 400, "malformed" },   { OAK_E_USAGE, 400, "malformed" },
		{ OAK_E_TOOLARGE, 413, "too-large" }, { OAK_E_AGAIN, 503, "again" },
		{ OAK_E_IO, 500, "internal" },
	};
	struct http_request req = { .id = "0123" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(http_response_clear) struct http_response res = { 0 };
		struct oak_error err = { 0 };
		char want[256];

		test_case = cases[i].word;
		(void)oak_fail(&err, cases[i].code, "why \"so\"");
		http_fail(&req, &res, &err);
		EXPECT(res.status == cases[i].status);
		EXPECT_STR(res.type, "application/problem+json");
		(void)snprintf(want, sizeof(want),
			       "\"status\":%u,\"detail\":\"why \\\"so\\\"\","
			       "\"code\":\"%s\",\"instance\":\"0123\"}",
			       cases[i].status, cases[i].word);
		EXPECT_CONTAINS(buf_str(&res.body), want);
		EXPECT((res.n_headers == 1) == (cases[i].status == 503));
	}
}

TEST(headers_cannot_be_split)
{
	_cleanup_(http_response_clear) struct http_response res = { 0 };

	EXPECT(http_set_header(&res, "ETag", "\"1\"") == 0);
	EXPECT(http_set_header(&res, "ETag", "\"2\"") == 0);
	EXPECT(res.n_headers == 1);
	EXPECT_STR(res.headers[0].value, "\"2\"");
	EXPECT(http_set_header(&res, "Location", "/x\r\nSet-Cookie: a") == -OAK_E_FORMAT);
	EXPECT(http_set_header(&res, "Location", "/x\x7f") == -OAK_E_FORMAT);
	EXPECT(res.n_headers == 1);
}

static void echo(_unused_ struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res)
{
	http_json(res, 200, json_pack("{ss}", "id", req->params[0]));
}

static const struct route echoes[] = {
	{ "POST", "/e/{id}", ROUTE_WORK, .scope = SCOPE_HOSTS, .body_max = 3, .work = echo },
	{ 0 },
};
static const struct route *const echo_tables[] = { echoes, NULL };

TEST(route_run_goes_through_the_checks)
{
	static const struct {
		const char *method, *target, *body;
		uint32_t scopes;
		unsigned status;
		const char *text;
	} cases[] = {
		{ "POST", "/e/x%20y", "", SCOPE_HOSTS, 200, "{\"id\":\"x y\"}" },
		{ "POST", "/e/x", "123", SCOPE_HOSTS | SCOPE_READ, 200, "{\"id\":\"x\"}" },
		{ "POST", "/e/x", "1234", SCOPE_HOSTS, 413, "\"code\":\"too-large\"" },
		{ "POST", "/e/x", "", SCOPE_READ, 403, "\"code\":\"scope\"" },
		{ "GET", "/e/x", "", SCOPE_HOSTS, 405, "\"code\":\"not-found\"" },
		{ "POST", "/e", "", SCOPE_HOSTS, 404, "there is no such page" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_given given = { .method = cases[i].method,
					    .target = cases[i].target,
					    .body = cases[i].body,
					    .len = strlen(cases[i].body),
					    .scopes = cases[i].scopes };
		_cleanup_(http_request_freep) struct http_request *req = NULL;
		_cleanup_(http_response_clear) struct http_response res = { 0 };
		struct worker_seat seat = { 0 };
		struct oak_error err = { 0 };

		test_case = cases[i].text;
		EXPECT(http_request_make(&given, &req, &err) == 0);
		route_run(echo_tables, &seat, req, &res);
		EXPECT(res.status == cases[i].status);
		EXPECT_CONTAINS(buf_str(&res.body), cases[i].text);
	}
}
