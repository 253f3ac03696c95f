/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dashboard without a database: templates, forms, texts for people, what is told once, the frame. */
#include "test.h"

#include "fleet/http/route.h"
#include "fleet/web/assets.h"
#include "fleet/web/flash.h"
#include "fleet/web/overview-facets.h"
#include "fleet/web/overview-view.h"
#include "fleet/web/page.h"
#include "fleet/web/template.h"

static const struct template_text texts[] = {
	{ "name", "<p>{{name}}</p>" },
	{ "inner", "{{host.name}}: {{host.level}}" },
	{ "list", "{{#hosts}}[{{name}}{{#old}} old{{/old}}]{{/hosts}}{{^hosts}}none{{/hosts}}" },
	{ "outwards", "{{#hosts}}{{ring}}/{{name}} {{/hosts}}" },
	{ "part", "{{#host}}{{>name}}{{/host}}" },
	{ "self", "{{#names}}<{{.}}>{{/names}}" },
	{ "comment", "a{{! b {{ }}c" },
	{ "deep", "{{>deep}}" },
	{ "open", "{{#a}}x" },
	{ "crossed", "{{#a}}{{#b}}{{/a}}{{/b}}" },
	{ "ended", "x{{/a}}" },
	{ "brace", "{{a" },
	{ "raw", "{{{name}}}" },
	{ "raw-too", "{{&name}}" },
	{ "nobody", "{{>nobody-here}}" },
	{ "link", "<a href=\"{{to}}\"><a href=\"/{{to}}\"><p title=\"{{to}}\">" },
	{ "grows", "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}" },
	{ NULL, NULL },
};

static const struct {
	const char *name, *json;
	int want;
	const char *text; /* or the message */
} cases[] = {
	{ "name", "{\"name\": \"a\"}", 0, "<p>a</p>" },
	{ "name", "{\"name\": \"<b a='1' c=\\\"2\\\">&\"}", 0,
	  "<p>&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;</p>" },
	{ "name", "{}", 0, "<p></p>" },
	{ "name", "{\"name\": null}", 0, "<p></p>" },
	{ "name", "{\"name\": true}", 0, "<p>true</p>" },
	{ "name", "{\"name\": -7}", 0, "<p>-7</p>" },
	{ "name", "{\"name\": 0.5}", 0, "<p>0.5</p>" },
	{ "name", "{\"name\": [1]}", 0, "<p></p>" },
	{ "inner", "{\"host\": {\"name\": \"a\", \"level\": 3}}", 0, "a: 3" },
	{ "list", "{\"hosts\": [{\"name\": \"a\", \"old\": true}, {\"name\": \"b\"}]}", 0,
	  "[a old][b]" },
	{ "list", "{\"hosts\": []}", 0, "none" },
	{ "list", "{\"hosts\": 0}", 0, "none" },
	{ "list", "{\"hosts\": \"\"}", 0, "none" },
	{ "outwards", "{\"ring\": \"edge\", \"hosts\": [{\"name\": \"a\"}]}", 0, "edge/a " },
	{ "part", "{\"host\": {\"name\": \"a\"}}", 0, "<p>a</p>" },
	{ "self", "{\"names\": [\"a\", 2]}", 0, "<a><2>" },
	{ "comment", "{}", 0, "ac" },
	{ "link", "{\"to\": \"/a?b=c\"}", 0,
	  "<a href=\"/a?b=c\"><a href=\"/#\"><p title=\"/a?b=c\">" },
	{ "link", "{\"to\": \"?b=c\"}", 0, "<a href=\"?b=c\"><a href=\"/?b=c\"><p title=\"?b=c\">" },
	{ "link", "{\"to\": \"javascript:x\"}", 0,
	  "<a href=\"#\"><a href=\"/javascript:x\"><p title=\"javascript:x\">" },
	{ "link", "{\"to\": \"//e\"}", 0, "<a href=\"#\"><a href=\"/#\"><p title=\"//e\">" },
	{ "link", "{\"to\": \"/\\\\e\"}", 0, "<a href=\"#\"><a href=\"/#\"><p title=\"/\\e\">" },
	{ "link", "{\"to\": \" https://e\"}", 0,
	  "<a href=\"#\"><a href=\"/ https://e\"><p title=\" https://e\">" },
	{ "deep", "{}", -OAK_E_TOOLARGE, "template deep: too deep" },
	{ "open", "{\"a\": 1}", -OAK_E_FORMAT, "template open: a section does not end: \"a\"" },
	{ "crossed", "{\"a\": {\"b\": 1}}", -OAK_E_FORMAT,
	  "template crossed: a section ends that was not begun: \"b\"" },
	{ "ended", "{}", -OAK_E_FORMAT, "template ended: a section ends that was not begun: \"a\"" },
	{ "brace", "{}", -OAK_E_FORMAT, "template brace: a tag does not end: \"{{\"" },
	{ "raw", "{}", -OAK_E_FORMAT, "template raw: this is no name: \"{name\"" },
	{ "raw-too", "{}", -OAK_E_FORMAT, "template raw-too: this is no name: \"&name\"" },
	{ "nobody", "{}", -OAK_E_NOTFOUND, "there is no template \"nobody-here\"" },
	{ "gone", "{}", -OAK_E_NOTFOUND, "there is no template \"gone\"" },
	{ "grows",
	  "{\"a\": [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6]}",
	  -OAK_E_TOOLARGE, "template grows: the page is too large" },
};

TEST(templates_render_and_refuse)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *json = json_loads(cases[i].json, 0, NULL);
		_cleanup_(buf_free) struct buf out = { 0 };
		struct oak_error err = { .code = OAK_OK };
		int r = template_render(texts, cases[i].name, json, &out, &err);

		test_case = cases[i].name;
		EXPECT(r == cases[i].want);
		EXPECT_STR(r < 0 ? err.msg : buf_str(&out), cases[i].text);
	}
}

TEST(a_page_has_an_end)
{
	_cleanup_(json_decrefp) json_t *json = json_object(), *list = json_array();
	_cleanup_(freep) char *long_text = malloc(100001);
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(long_text);
	memset(long_text, '<', 100000);
	long_text[100000] = '\0';
	for (int i = 0; i < 50; i++)
		(void)json_array_append_new(list, json_string(long_text));
	(void)json_object_set(json, "names", list);
	EXPECT(template_render(texts, "self", json, &out, &err) == -OAK_E_TOOLARGE);
	EXPECT(out.len <= TEMPLATE_OUT_MAX);
}

/* Each template of the program, with nothing in its view, is well-formed. */
TEST(every_template_of_the_program_renders)
{
	_cleanup_(json_decrefp) json_t *nothing = json_object();
	static const struct template_text main_text = { "main", "" };
	struct template_text all[128] = { main_text };
	size_t n = 0;

	while (web_templates[n].name)
		n++;
	EXPECT(n > 4 && n < 126);
	memcpy(all + 1, web_templates, n * sizeof(all[0]));
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf_free) struct buf out = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = web_templates[i].name;
		EXPECT(template_render(all, web_templates[i].name, nothing, &out, &err) == 0);
		EXPECT(!strstr(buf_str(&out), "{{"));
	}
}

TEST(forms_are_read)
{
	static const struct {
		const char *in, *want; /* sorted JSON, or the message */
		int ret;
	} forms[] = {
		{ "", "{}", 0 },
		{ "a=1&b=x+y%26z", "{\"a\": \"1\", \"b\": \"x y&z\"}", 0 },
		{ "a=&b", "{\"a\": \"\", \"b\": \"\"}", 0 },
		{ "a=1&a=2&a=3", "{\"a\": [\"1\", \"2\", \"3\"]}", 0 },
		{ "&&a=1&", "{\"a\": \"1\"}", 0 },
		{ "a=%c3%a4", "{\"a\": \"\\u00E4\"}", 0 },
		{ "a=1=2", "{\"a\": \"1=2\"}", 0 },
		{ "a=%", "a: is malformed", -OAK_E_FORMAT },
		{ "a=%4", "a: is malformed", -OAK_E_FORMAT },
		{ "a=%zz", "a: is malformed", -OAK_E_FORMAT },
		{ "a=x%00y", "a: is malformed", -OAK_E_FORMAT },
		{ "a=%ff", "a: is not UTF-8", -OAK_E_FORMAT },
		{ "=1", "the form has a field with a malformed name", -OAK_E_FORMAT },
		{ "%fe=1", "the form has a field with a malformed name", -OAK_E_FORMAT },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		_cleanup_(json_decrefp) json_t *form = NULL;
		_cleanup_(freep) char *text = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = forms[i].in;
		EXPECT(form_parse(forms[i].in, strlen(forms[i].in), &form, &err) == forms[i].ret);
		text = form ? json_dumps(form, JSON_SORT_KEYS | JSON_ENSURE_ASCII) : NULL;
		EXPECT_STR(forms[i].ret ? err.msg : text, forms[i].want);
	}
}

TEST(a_form_has_only_so_many_fields)
{
	_cleanup_(json_decrefp) json_t *form = NULL;
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	for (int i = 0; i < 257; i++)
		EXPECT(buf_printf(&b, "a%d=1&", i) == 0);
	EXPECT(form_parse(b.data, b.len, &form, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "the form has more than 256 fields");
}

TEST(times_and_numbers_are_for_people)
{
	static const struct {
		int64_t at;
		const char *ago;
	} agos[] = {
		{ 0, "never" },           { 1000000, "now" },
		{ 999990, "10 s ago" },   { 999820, "3 min ago" },
		{ 990000, "2 h ago" },    { 1000000 - 86400 * 40, "40 d ago" },
		{ 1000600, "in 10 min" },
	};
	char t[WEB_TEXT];

	for (size_t i = 0; i < sizeof(agos) / sizeof(agos[0]); i++) {
		test_case = agos[i].ago;
		EXPECT_STR(web_ago(agos[i].at, 1000000, t), agos[i].ago);
	}
	EXPECT_STR(web_time(1795828696, t), "2026-11-28 01:18 UTC");
	EXPECT_STR(web_time(0, t), "never");
	EXPECT_STR(web_span(187200, t), "2 d 4 h");
	EXPECT_STR(web_span(60, t), "1 min");
	EXPECT_STR(web_span(0, t), "0 s");
	EXPECT_STR(web_count(0, t), "0");
	EXPECT_STR(web_count(999, t), "999");
	EXPECT_STR(web_count(1234567, t), "1,234,567");
	EXPECT_STR(web_count(-12345, t), "-12,345");
}

TEST(values_in_an_address_are_encoded)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT(buf_add_str(&b, "/api/v1/hosts") == 0);
	EXPECT(web_add_query(&b, "q", "") == 0 && web_add_query(&b, "q", NULL) == 0);
	EXPECT(web_add_query(&b, "q", "a b&c=d/\xc3\xa4") == 0 && web_add_query(&b, "x", "1") == 0);
	EXPECT_STR(buf_str(&b), "/api/v1/hosts?q=a%20b%26c%3Dd%2F%C3%A4&x=1");
}

static const char *header(const struct http_response *res, const char *name)
{
	for (size_t i = 0; i < res->n_headers; i++)
		if (strcmp(res->headers[i].name, name) == 0)
			return res->headers[i].value;
	return "";
}

static struct http_request *request(const char *one, const char *two, uint32_t scopes)
{
	const struct http_given given = { .method = "GET",
					  .target = "/",
					  .headers = { one, two },
					  .who = "user:anna",
					  .scopes = scopes,
					  .now_s = 1000000 };
	struct http_request *req = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(http_request_make(&given, &req, &err) == 0);
	return req;
}

TEST(what_is_told_once_is_told_once)
{
	_cleanup_(http_response_clear) struct http_response gone = { 0 }, shown = { 0 };
	_cleanup_(http_request_freep) struct http_request *before = request(NULL, NULL, SCOPE_READ);
	_cleanup_(http_request_freep) struct http_request *after = NULL;
	_cleanup_(json_decrefp) json_t *into = json_object();
	char cookie[512];

	page_go(before, &gone, "/hosts", true, "Host \"a;b\" was revoked\n100 %");
	EXPECT(gone.status == 303);
	EXPECT_STR(header(&gone, "Location"), "/hosts");
	EXPECT(strstr(header(&gone, "Set-Cookie"),
		      "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"));
	(void)snprintf(cookie, sizeof(cookie), "Cookie: x=1; %.*s; y=2",
		       (int)strcspn(header(&gone, "Set-Cookie"), ";"), header(&gone, "Set-Cookie"));
	after = request(cookie, NULL, SCOPE_READ);
	EXPECT(flash_take(after, &shown, into) == 0);
	EXPECT_STR(json_string_value(json_object_get(json_object_get(into, "flash"), "text")),
		   "Host \"a;b\" was revoked\n100 %");
	EXPECT(strstr(header(&shown, "Set-Cookie"), "Max-Age=0"));
}

TEST(nobody_is_led_elsewhere)
{
	static const char *const bad[] = { "https://evil.example/",
					   "//evil.example",
					   "/\\evil.example",
					   "evil",
					   "",
					   "/a\r\nX: 1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_(http_response_clear) struct http_response res = { 0 };
		_cleanup_(http_request_freep) struct http_request *req =
			request(NULL, NULL, SCOPE_READ);

		test_case = bad[i];
		page_go(req, &res, bad[i], true, NULL);
		EXPECT(strcmp(header(&res, "Location"), "/") == 0 || res.status == 500);
	}
}

static void send_problem(struct http_response *res, const char *one, uint32_t scopes)
{
	_cleanup_(http_request_freep) struct http_request *req = request(one, NULL, scopes);

	req->page = true;
	http_problem(req, res, 404, "not-found", "no host has the name %s", "<script>");
}

TEST(problems_of_pages_are_pages)
{
	_cleanup_(http_response_clear) struct http_response res = { 0 };

	send_problem(&res, NULL, SCOPE_READ | SCOPE_HOSTS);
	EXPECT(res.status == 404);
	EXPECT_STR(res.type, "text/html; charset=utf-8");
	EXPECT_STR(header(&res, "Content-Security-Policy"), WEB_CSP);
	EXPECT(strstr(buf_str(&res.body), "no host has the name &lt;script&gt;"));
	EXPECT(strstr(buf_str(&res.body), "<html") && strstr(buf_str(&res.body), ">anna</a>"));
	EXPECT(strstr(buf_str(&res.body), "href=\"/enrolment\""));
	EXPECT(!strstr(buf_str(&res.body), "href=\"/users\""));
}

TEST(a_part_is_what_is_within_main)
{
	_cleanup_(http_response_clear) struct http_response res = { 0 };

	send_problem(&res, "Oakum-Part: main", SCOPE_READ);
	EXPECT(!strstr(buf_str(&res.body), "<html") && strstr(buf_str(&res.body), "<h1>"));
}

TEST(the_theme_is_one_of_two)
{
	_cleanup_(http_response_clear) struct http_response dark = { 0 }, evil = { 0 };

	send_problem(&dark, "Cookie: oakum-theme=dark", SCOPE_READ);
	EXPECT(strstr(buf_str(&dark.body), "data-theme=\"dark\""));
	send_problem(&evil, "Cookie: oakum-theme=\"><b>", SCOPE_READ);
	EXPECT(!strstr(buf_str(&evil.body), "data-theme"));
}

TEST(what_browsers_fetch_is_small)
{
	size_t sum = 0;

	for (const struct asset *a = web_assets; a->name; a++)
		sum += a->gzip_len;
	EXPECT(web_style[0]);
	EXPECT(sum > 0 && sum <= 102400);
}

static const char overview[] =
	"{\"hosts\": {\"total\": 1200, \"silent\": 30, \"by\": {\"behind\": {\"0\": 1199, \"1\": 1},"
	" \"verdict\": {\"ok\": 1198, \"critical\": 2}, \"state\": {\"settled\": 1199, \"stalled\": 1},"
	" \"level\": {\"0\": 1, \"9\": 2, \"10\": 1197}, \"reboot\": {\"no\": 1190, \"kernel\": 10}}},"
	" \"stop\": {\"stopped\": false}, \"rollouts\": [{\"id\": \"0123456789abcdef\", \"name\": \"old\","
	" \"phase\": \"halted\", \"ended\": 1000, \"why\": \"long ago\"}, {\"id\": \"0123456789abcdee\","
	" \"name\": \"new\", \"phase\": \"halted\", \"ended\": 999000, \"why\": \"<b>\"}]}";

TEST(an_overview_tells_what_matters)
{
	_cleanup_(json_decrefp) json_t *answer = json_loads(overview, 0, NULL), *view = NULL;
	const struct rollout_eyes eyes = { .scopes = SCOPE_READ, .now_s = 1000000 };
	_cleanup_(freep) char *figures = NULL, *attention = NULL, *facets = NULL;

	view = overview_view(answer, NULL, &eyes);
	EXPECT(view);
	figures = json_dumps(json_object_get(view, "figures"), 0);
	attention = json_dumps(json_object_get(view, "attention"), 0);
	facets = json_dumps(json_object_get(view, "facets"), 0);
	/* One of 1,200 is behind: never "100 %". */
	EXPECT(strstr(figures, "\"99.9 %\""));
	EXPECT(strstr(figures, "\"Reboot debt\", \"value\": \"10\""));
	EXPECT(strstr(attention, "2 hosts critical") && strstr(attention, "1 host stalled"));
	EXPECT(strstr(attention, "30 hosts not heard of") && strstr(attention, "new: <b>"));
	EXPECT(!strstr(attention, "long ago"));
	EXPECT(strstr(facets, "Level 10") && strstr(facets, "Level 9") &&
	       strstr(facets, "Level 10") < strstr(facets, "Level 9"));
	EXPECT(json_array_size(json_object_get(view, "moving")) == 0);
}

TEST(series_become_a_table)
{
	_cleanup_(json_decrefp) json_t *none = json_object(), *nothing = overview_exposure(none);
	_cleanup_(json_decrefp) json_t *answer = json_loads(
		"{\"series\": [{\"name\": \"open.high\", \"points\": [[100, 5], [300, 7]]},"
		" {\"name\": \"open.critical\", \"points\": [[200, 1], [300, 2]]},"
		" {\"name\": \"open.unknown\", \"points\": [[400, 9]]}]}",
		0, NULL);
	_cleanup_(json_decrefp) json_t *view = overview_exposure(answer);
	_cleanup_(freep) char *text = json_dumps(view, JSON_SORT_KEYS | JSON_COMPACT);

	EXPECT(json_is_null(nothing));
	EXPECT_STR(
		text,
		"{\"points\":["
		"{\"at\":100,\"at_text\":\"1970-01-01 00:01 UTC\",\"critical\":0,\"high\":5,\"low\":0,\"medium\":0},"
		"{\"at\":200,\"at_text\":\"1970-01-01 00:03 UTC\",\"critical\":1,\"high\":0,\"low\":0,\"medium\":0},"
		"{\"at\":300,\"at_text\":\"1970-01-01 00:05 UTC\",\"critical\":2,\"high\":7,\"low\":0,\"medium\":0}]}");
}
