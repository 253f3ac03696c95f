/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "http-server.h"
#include "trust/http.h"

static int call(const char *url, size_t max, bool plain, struct http_reply *ret,
		struct oak_error *err)
{
	const struct http_client_options opt = { .proxy = "", .connect_s = 2, .total_s = 10 };
	const struct http_call c = { .method = "GET", .url = url, .max = max, .plain = plain };
	_cleanup_(http_client_closep) struct http_client *client = NULL;

	EXPECT(http_client_open(&opt, &client, err) == 0);
	return http_call(client, &c, ret, err);
}

TEST(http_call_takes_urls_of_this_machine_and_of_tls)
{
	static const struct {
		const char *url;
		bool plain;
		int want;
		const char *want_msg;
	} cases[] = {
		{ "http://fleet.example.org/", false, -OAK_E_USAGE,
		  "http://fleet.example.org/: must begin with https:// (http:// to this machine alone)" },
		{ "http://127.0.0.1.example.org/", false, -OAK_E_USAGE,
		  "http://127.0.0.1.example.org/: must begin with https:// (http:// to this machine "
		  "alone)" },
		{ "file:///etc/passwd", true, -OAK_E_USAGE, NULL },
		{ "ftp://127.0.0.1/", true, -OAK_E_USAGE, NULL },
		{ "https://user:secret@127.0.0.1/", false, -OAK_E_USAGE, NULL },
		{ "not a url", false, -OAK_E_USAGE,
		  "not a url: not a URL like https://HOST[:PORT]" },
		{ "http://127.0.0.1:1/", false, -OAK_E_AGAIN, NULL },
		{ "http://localhost:1/", false, -OAK_E_AGAIN, NULL },
		{ "http://[::1]:1/", false, -OAK_E_AGAIN, NULL },
		{ "https://127.0.0.1:1/", false, -OAK_E_AGAIN, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply r = { .status = 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].url;
		EXPECT(call(cases[i].url, 10, cases[i].plain, &r, &err) == cases[i].want);
		if (cases[i].want_msg)
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
	test_case = NULL;
}

static int stop_at_once(void *ctx, const void *data, size_t len)
{
	(void)data;
	*(size_t *)ctx += len;
	return 1;
}

TEST(http_call_is_bounded_and_tells_every_status)
{
	static const struct {
		const char *path;
		size_t max;
		int want;
		unsigned status, retry_s;
		const char *want_body;
	} cases[] = {
		{ "/a.txt", 100, 0, 200, 0, "abc" },
		{ "/a.txt", 3, 0, 200, 0, "abc" },
		{ "/a.txt", 2, -OAK_E_TOOLARGE, 0, 0, NULL },
		{ "/-endless", 100000, -OAK_E_TOOLARGE, 0, 0, NULL },
		{ "/-error", 1000, 0, 500, 0, NULL },
		{ "/-busy", 1000, 0, 429, 17, NULL },
		{ "/missing", 1000, 0, 404, 0, NULL },
		{ "/-elsewhere", 1000, 0, 302, 0, NULL },
		{ "/-silent", 1000, -OAK_E_AGAIN, 0, 0, NULL },
		{ "/-cut", 1000, -OAK_E_AGAIN, 0, 0, NULL },
	};
	struct http_server s = { .dir = test_dir() };
	char path[4200];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/a.txt", test_dir());
	f = fopen(path, "we");
	EXPECT(f && fputs("abc", f) >= 0 && fclose(f) == 0);
	http_server_start(&s, test_dir());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(http_reply_clear) struct http_reply r = { .status = 0 };
		struct oak_error err = { .code = OAK_OK };
		char url[128];

		test_case = cases[i].path;
		(void)snprintf(url, sizeof(url), "%s%s", s.url, cases[i].path);
		EXPECT(call(url, cases[i].max, false, &r, &err) == cases[i].want);
		EXPECT(r.status == cases[i].status && r.retry_s == cases[i].retry_s);
		if (cases[i].want_body)
			EXPECT_STR(buf_str(&r.body), cases[i].want_body);
	}
	test_case = NULL;
	http_server_stop(&s);
}

TEST(http_call_ends_a_stream_where_the_caller_has_enough)
{
	struct http_server s = { .dir = test_dir() };
	_cleanup_(http_client_closep) struct http_client *client = NULL;
	_cleanup_(http_reply_clear) struct http_reply r = { .status = 0 };
	const struct http_client_options opt = { .proxy = "" };
	size_t got = 0;
	char url[128];
	struct http_call c = { .method = "GET", .url = url, .piece = stop_at_once, .ctx = &got };
	struct oak_error err;

	http_server_start(&s, test_dir());
	(void)snprintf(url, sizeof(url), "%s/-endless", s.url);
	EXPECT(http_client_open(&opt, &client, &err) == 0);
	EXPECT(http_call(client, &c, &r, &err) == 0);
	EXPECT(r.status == 200 && got > 0 && r.body.len == 0);
	http_server_stop(&s);
}
