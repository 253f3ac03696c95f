/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cookies, pages of ours, and what the listener makes of a session. */
#include "test.h"

#include "fleet/http/cookie.h"
#include "http-loop.h"
#include "http-raw.h"

#define FORM "Content-Type: application/x-www-form-urlencoded"

static struct http_request *ask(const char *const headers[], const char *body)
{
	struct http_given given = {
		.method = "POST", .target = "/x", .body = body, .len = body ? strlen(body) : 0
	};
	struct http_request *req = NULL;
	struct oak_error err = { 0 };

	for (size_t i = 0; headers[i]; i++)
		given.headers[i] = headers[i];
	EXPECT(http_request_make(&given, &req, &err) == 0);
	return req;
}

TEST(a_cookie_is_found_among_others_and_never_twice)
{
	static const struct {
		const char *one, *two, *value;
	} cases[] = {
		{ "Cookie: a=1", NULL, "1" },          { "Cookie: b=2; a=1; c=3", NULL, "1" },
		{ "Cookie: b=2;a=1 ;c=3", NULL, "1" }, { "Cookie:  a=", NULL, "" },
		{ "Cookie: a=x=y", NULL, "x=y" },      { "Cookie: b=2", "Cookie: a=1", "1" },
		{ "Cookie: b=2", NULL, NULL },         { "Cookie: aa=1; ba=2", NULL, NULL },
		{ "Cookie: A=1", NULL, NULL },         { "Cookie: b=a=1", NULL, NULL },
		{ "Cookie: a", NULL, NULL },           { "Cookie: ;;; a=1;;", NULL, "1" },
		{ "Cookie: a=1; a=2", NULL, NULL },    { "Cookie: a=1", "Cookie: a=1", NULL },
		{ "Cookie: a=12345678", NULL, NULL },  { "X-Cookie: a=1", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(http_request_freep) struct http_request *req =
			ask((const char *const[]){ cases[i].one, cases[i].two, NULL }, NULL);
		char value[8] = "before";

		test_case = cases[i].one;
		EXPECT(http_cookie(req, "a", value, sizeof(value)) == (cases[i].value != NULL));
		EXPECT_STR(value, cases[i].value ? cases[i].value : "before");
	}
}

TEST(a_cookie_that_is_set_again_replaces_itself_alone)
{
	_cleanup_(http_response_clear) struct http_response res = { .status = 200 };

	EXPECT(http_set_header(&res, "Set-Cookie", "a=1; Path=/") == 0);
	EXPECT(http_set_header(&res, "Set-Cookie", "ab=2; Path=/") == 0);
	EXPECT(http_set_header(&res, "Set-Cookie", "a=; Max-Age=0") == 0);
	EXPECT(http_set_header(&res, "Location", "/a=1") == 0);
	EXPECT(http_set_header(&res, "Location", "/b") == 0);
	EXPECT(http_set_header(&res, "Location", "/\r\nSet-Cookie: a=3") == -OAK_E_FORMAT);
	EXPECT(res.n_headers == 3);
	EXPECT_STR(res.headers[0].value, "a=; Max-Age=0");
	EXPECT_STR(res.headers[1].value, "ab=2; Path=/");
	EXPECT_STR(res.headers[2].value, "/b");
}

TEST(a_page_of_another_site_is_known)
{
	static const struct {
		const char *origin, *site;
		bool ours;
	} cases[] = {
		{ NULL, NULL, true }, /* a program */
		{ "Origin: https://oakum.example:8443", NULL, true },
		{ "Origin: https://OAKUM.example:8443", "Sec-Fetch-Site: same-origin", true },
		{ "Origin: null", "Sec-Fetch-Site: same-origin", true },
		{ "Origin: evil://oakum.example:8443", NULL, false },
		{ "Origin: https://evil.example://oakum.example:8443", NULL, false },
		{ NULL, "Sec-Fetch-Site: none", true },
		{ "Origin: null", NULL, false },
		{ "Origin: https://oakum.example", NULL, false },
		{ "Origin: https://oakum.example:8443.evil.example", NULL, false },
		{ "Origin: https://evil.example", NULL, false },
		{ "Origin: https://evil.example/?oakum.example:8443", NULL, false },
		{ "Origin: oakum.example:8443", NULL, false },
		{ "Origin: ", NULL, false },
		{ "Origin: https://oakum.example:8443", "Sec-Fetch-Site: cross-site", false },
		{ "Origin: https://evil.example", "Sec-Fetch-Site: same-origin", false },
		{ NULL, "Sec-Fetch-Site: same-site", false },
		{ NULL, "Sec-Fetch-Site: ", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *headers[4] = { "Host: oakum.example:8443" };
		size_t n = 1;

		if (cases[i].origin)
			headers[n++] = cases[i].origin;
		if (cases[i].site)
			headers[n++] = cases[i].site;
		_cleanup_(http_request_freep) struct http_request *req = ask(headers, NULL);

		test_case = cases[i].origin ? cases[i].origin : cases[i].site;
		EXPECT(http_is_ours(req) == cases[i].ours);
	}
	_cleanup_(http_request_freep) struct http_request *none =
		ask((const char *const[]){ "Origin: https://", NULL }, NULL);

	EXPECT(!http_is_ours(none));
}

TEST(the_secret_of_a_form_is_its_field_or_the_header)
{
	static const struct {
		const char *header, *type, *body, *csrf;
	} cases[] = {
		{ NULL, FORM, "csrf=abc", "abc" },
		{ NULL, FORM, "a=1&csrf=abc&b=2", "abc" },
		{ NULL, FORM "; charset=utf-8", "a=1&csrf=abc", "abc" },
		{ NULL, FORM, "xcsrf=abc", "" },
		{ NULL, FORM, "a=csrf=abc", "" },
		{ NULL, FORM, "csrf=", "" },
		{ NULL, FORM, "csrf", "" },
		{ NULL, FORM, "csrf=0123456789abcdef", "" },
		{ NULL, "Content-Type: text/plain", "csrf=abc", "" },
		{ NULL, FORM "x", "csrf=abc", "" },
		{ "Oakum-Csrf: xyz", FORM, "csrf=abc", "xyz" },
		{ "Oakum-Csrf: ", FORM, "csrf=abc", "" },
		{ "Oakum-Csrf: 0123456789abcdef", FORM, "csrf=abc", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(http_request_freep) struct http_request *req =
			ask((const char *const[]){ cases[i].type, cases[i].header, NULL },
			    cases[i].body);
		char csrf[16];

		test_case = cases[i].body;
		http_csrf(req, csrf, sizeof(csrf));
		EXPECT_STR(csrf, cases[i].csrf);
	}
}

/* --- over a socket: tests/unit/http-loop.c knows a session for each of these cookies */

struct round {
	const char *request; /* its line */
	const char *headers; /* each with its end of line */
	const char *body;
	int status;
	const char *says; /* somewhere in the answer */
};

static void go_round(const struct round *rounds, size_t n)
{
	struct loop s;

	loop_start(&s, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct round *r = &rounds[i];
		char text[2048], answer[4096];
		int fd = raw_connect(s.port), status;

		test_case = r->request;
		(void)snprintf(text, sizeof(text),
			       "%s HTTP/1.1\r\nHost: oakum\r\n%sContent-Length: %zu\r\n\r\n%s",
			       r->request, r->headers ? r->headers : "",
			       r->body ? strlen(r->body) : 0, r->body ? r->body : "");
		status = loop_ask(fd, text, answer, sizeof(answer));
		if (status != r->status)
			print_error("%d: %s\n%s\n", status, text, answer);
		EXPECT(status == r->status);
		EXPECT_CONTAINS(answer, r->says);
		(void)close(fd);
	}
	loop_stop(&s);
}

#define FULL   "Cookie: __Host-oakum=full\r\n"
#define HALF   "Cookie: __Host-oakum=half\r\n"
#define STALE  "Cookie: __Host-oakum=stale\r\n"
#define TOKEN  "Authorization: Bearer oakum-api-good\r\n"
#define CSRF   "Oakum-Csrf: " LOOP_CSRF "\r\n"
#define FIELDS FORM "\r\n"

TEST(a_page_leads_who_is_not_signed_in_to_sign_in_and_back)
{
	static const struct round rounds[] = {
		{ "GET /page", NULL, NULL, 303, "\r\nLocation: /login?to=/page\r\n" },
		{ "GET /page?a=1&b=x%20y%26z", NULL, NULL, 303,
		  "\r\nLocation: /login?to=/page%3Fa%3D1%26b%3Dx%2520y%2526z\r\n" },
		{ "GET /page", "Cookie: __Host-oakum=none\r\n", NULL, 303,
		  "Location: /login?to=/page" },
		{ "GET /page", HALF, NULL, 303, "Location: /login?to=/page" },
		{ "GET /page", FULL "Cookie: __Host-oakum=planted\r\n", NULL, 303,
		  "Location: /login" },
		{ "POST /page", NULL, NULL, 303, "\r\nLocation: /login\r\n" },
		{ "GET /page", "Oakum-Part: main\r\n", NULL, 401, "HTTP/1.1 401" },
		/* Pages know no tokens. */
		{ "GET /page", TOKEN, NULL, 303, "Location: /login?to=/page" },
		{ "GET /page", FULL, NULL, 200, "\"who\":\"user:anna\"" },
		{ "GET /page", FULL TOKEN, NULL, 200, "\"person\":\"00000000000000aa\"" },
	};

	go_round(rounds, sizeof(rounds) / sizeof(rounds[0]));
}

TEST(a_cookie_is_worth_what_the_role_is)
{
	static const struct round rounds[] = {
		{ "GET /secret", FULL, NULL, 200, "\"who\":\"user:anna\"" },
		{ "GET /secret", HALF, NULL, 401, "signing in is not complete" },
		{ "GET /secret", "Cookie: __Host-oakum=none\r\n", NULL, 401,
		  "nobody is signed in, or no longer" },
		{ "GET /secret", "Cookie: oakum=full\r\n", NULL, 401, "this page wants a token" },
		/* A token that is brought along counts alone. */
		{ "GET /secret", FULL TOKEN, NULL, 200, "\"who\":\"token:ci\"" },
		{ "GET /secret", FULL "Authorization: Bearer oakum-api-bad\r\n", NULL, 401,
		  "the token is not known" },
		{ "PUT /hosts", FULL CSRF, "{}", 200, "\"who\":\"user:anna\"" },
		{ "POST /rights", "Cookie: __Host-oakum=viewer\r\n" CSRF, NULL, 403,
		  "your role does not allow this" },
	};

	go_round(rounds, sizeof(rounds) / sizeof(rounds[0]));
}

TEST(what_changes_something_shows_the_secret_and_comes_from_a_page_of_ours)
{
	static const struct round rounds[] = {
		{ "PUT /hosts", FULL, "{}", 403, "\"code\":\"csrf\"" },
		{ "PUT /hosts", FULL "Oakum-Csrf: wrong\r\n", "{}", 403, "\"code\":\"csrf\"" },
		{ "PUT /hosts", FULL CSRF "Origin: https://evil.example\r\n", "{}", 403,
		  "\"code\":\"origin\"" },
		{ "PUT /hosts", FULL CSRF "Sec-Fetch-Site: cross-site\r\n", "{}", 403,
		  "\"code\":\"origin\"" },
		{ "PUT /hosts", FULL CSRF "Origin: https://oakum\r\n", "{}", 200,
		  "\"who\":\"user:anna\"" },
		/* No browser sends a token by itself. */
		{ "PUT /hosts", TOKEN "Origin: https://evil.example\r\n", "{}", 403,
		  "the token does not allow this" },
		{ "POST /page", FULL FIELDS, "a=1", 403, "HTTP/1.1 403" },
		{ "POST /page", FULL FIELDS, "a=1&csrf=" LOOP_CSRF, 200, "user:anna" },
		{ "POST /page", FULL FIELDS "Origin: null\r\n", "a=1&csrf=" LOOP_CSRF, 403,
		  "HTTP/1.1 403" },
		{ "POST /page", FULL "Content-Type: text/plain\r\n", "csrf=" LOOP_CSRF, 403,
		  "HTTP/1.1 403" },
		{ "GET /page", FULL "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
		  NULL, 200, "user:anna" },
	};

	go_round(rounds, sizeof(rounds) / sizeof(rounds[0]));
}

TEST(an_open_page_sees_a_session_that_proves_itself)
{
	static const struct round rounds[] = {
		{ "GET /open", NULL, NULL, 200, "\"session\":\"\"" },
		{ "GET /open", "Cookie: __Host-oakum=none\r\n", NULL, 200, "\"session\":\"\"" },
		{ "GET /open", HALF, NULL, 200, "\"session\":\"half\",\"who\":\"\"" },
		{ "GET /open", FULL, NULL, 200, "\"session\":\"full\",\"who\":\"user:anna\"" },
		{ "POST /open", FULL FIELDS, "a=1", 200, "\"session\":\"\"" },
		{ "POST /open", HALF FIELDS, "csrf=" LOOP_CSRF, 200, "\"session\":\"half\"" },
		{ "POST /open", "Origin: https://evil.example\r\n" FIELDS, "name=a", 403,
		  "HTTP/1.1 403" },
		{ "POST /open", "Origin: https://oakum\r\n" FIELDS, "name=a", 200,
		  "\"session\":\"\"" },
	};

	go_round(rounds, sizeof(rounds) / sizeof(rounds[0]));
}

TEST(who_changes_rights_has_just_shown_who_he_is)
{
	static const struct round rounds[] = {
		{ "POST /rights", FULL CSRF, NULL, 200, "user:anna" },
		{ "POST /rights", STALE CSRF, NULL, 403, "\"code\":\"prove-again\"" },
		{ "POST /rights-page", STALE FIELDS, "csrf=" LOOP_CSRF, 303,
		  "\r\nLocation: /prove\r\n" },
		{ "POST /rights-page", STALE FIELDS "Referer: https://oakum/people?x=1%20\r\n",
		  "csrf=" LOOP_CSRF, 303, "\r\nLocation: /prove?to=/people%3Fx%3D1%2520\r\n" },
		{ "POST /rights-page", STALE FIELDS "Referer: https://oakum.evil.example/people\r\n",
		  "csrf=" LOOP_CSRF, 303, "\r\nLocation: /prove\r\n" },
		{ "POST /rights-page", FULL FIELDS, "csrf=" LOOP_CSRF, 200, "user:anna" },
	};

	go_round(rounds, sizeof(rounds) / sizeof(rounds[0]));
}
