/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transports: a directory, and a real HTTP server that may misbehave. */
#include "trust-fixture.h"

#include <errno.h>

#include "http-server.h"
#include "trust/level.h"
#include "trust/url.h"

TEST(url_quotes_and_unquotes)
{
	static const struct {
		const char *plain, *quoted;
	} cases[] = {
		{ "", "" },
		{ "targets/a-b_c.d~e/1", "targets/a-b_c.d~e/1" },
		{ "a b%c", "a%20b%25c" },
		{ "\xc3\xa9?#&+", "%C3%A9%3F%23%26%2B" },
	};
	static const char *const broken[] = { "%", "%2", "%zz", "%00", "a%" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf q = { 0 }, p = { 0 };

		EXPECT(url_quote(cases[i].plain, &q) == 0);
		EXPECT_STR(buf_str(&q), cases[i].quoted);
		EXPECT(url_unquote(cases[i].quoted, &p) == 0);
		EXPECT_STR(buf_str(&p), cases[i].plain);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		_cleanup_(buf_free) struct buf p = { 0 };

		test_case = broken[i];
		EXPECT(url_unquote(broken[i], &p) == -EINVAL);
	}
}

TEST(fetch_file_stays_below_its_directory)
{
	static const char *const paths[] = {
		"../keys/root.pem",     "/etc/passwd", "a/../../x",
		"%2e%2e/keys/root.pem", "..",          "%2fetc%2fpasswd"
	};
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		test_case = paths[i];
		EXPECT(f.fetcher.fetch(f.fetcher.ctx, paths[i], 1000, &out, &err) ==
		       -OAK_E_NOTFOUND);
		EXPECT_CONTAINS(err.msg, ": not a path below the repository");
	}
	EXPECT(f.fetcher.fetch(f.fetcher.ctx, "timestamp.json", 10, &out, &err) == -OAK_E_TOOLARGE);
	EXPECT(f.fetcher.fetch(f.fetcher.ctx, "none.json", 10, &out, &err) == -OAK_E_NOTFOUND);
	fixture_free(&f);
}

TEST(fetcher_open_knows_its_schemes)
{
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	struct oak_error err;

	EXPECT(fetcher_open("ftp://example.org/", &fetcher, &err) == -OAK_E_USAGE);
	EXPECT_STR(err.msg, "ftp://example.org/: only http://, https://, file:// and directories "
			    "are repositories");
	EXPECT(fetcher_open("file:///nonexistent", &fetcher, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "/nonexistent: no such directory");
	EXPECT(fetcher_open("file:///", &fetcher, &err) == 0);
}

TEST(fetch_http_bounds_and_names_what_goes_wrong)
{
	static const struct {
		const char *path;
		int want;
		const char *want_msg; /* after the URL of the server; NULL: success */
	} cases[] = {
		{ "timestamp.json", 0, NULL },
		{ "none.json", -OAK_E_NOTFOUND, "/none.json: no such file (HTTP 404)" },
		{ "-forbidden", -OAK_E_NOTFOUND, "/-forbidden: no such file (HTTP 403)" },
		{ "-gone", -OAK_E_NOTFOUND, "/-gone: no such file (HTTP 410)" },
		{ "-error", -OAK_E_AGAIN, "/-error: the server answered HTTP 500" },
		{ "-endless", -OAK_E_TOOLARGE, "/-endless: larger than 1000 bytes" },
		{ "1.root.json", -OAK_E_TOOLARGE, "/1.root.json: larger than 1000 bytes" },
		{ "-cut", -OAK_E_AGAIN, "/-cut: transfer closed with 96 bytes remaining to read" },
		{ "-silent", -OAK_E_AGAIN, "/-silent: Empty reply from server" },
		{ "-elsewhere", 0, NULL },
		{ "-file", -OAK_E_IO, "/-file: Protocol \"file\" " },
		{ "-round", -OAK_E_IO, "/-round: Maximum (5) redirects followed" },
	};
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	struct http_server server;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	http_server_start(&server, f.repo);
	EXPECT(fetcher_open(server.url, &fetcher, &err) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf out = { 0 };
		char want[256];
		int r;

		test_case = cases[i].path;
		EXPECT(buf_add_str(&out, "kept ") == 0);
		r = fetcher.fetch(fetcher.ctx, cases[i].path, 1000, &out, &err);
		if (r < 0)
			(void)snprintf(want, sizeof(want), "%s%s", server.url, cases[i].want_msg);
		EXPECT(r == cases[i].want);
		if (r < 0)
			EXPECT_CONTAINS(err.msg, want);
		EXPECT(r == 0 ? out.len > 100 : out.len == 5);
	}
	http_server_stop(&server);
	test_case = "server is gone";
	{
		_cleanup_(buf_free) struct buf out = { 0 };

		EXPECT(fetcher.fetch(fetcher.ctx, "timestamp.json", 1000, &out, &err) ==
		       -OAK_E_AGAIN);
		EXPECT_CONTAINS(err.msg, "/timestamp.json: Failed to connect to 127.0.0.1 port ");
	}
	fixture_free(&f);
}

/* The whole way of a host, over HTTP. */
TEST(fetch_http_carries_a_level_to_the_host)
{
	const struct tuf_refresh how = { .now_s = FIXTURE_NOW, .quick = true };
	struct tuf_lookup lookup = { .now_s = FIXTURE_NOW };
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(level_freep) struct level *level = NULL;
	_cleanup_(levels_freep) struct levels *list = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	struct http_server server;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	http_server_start(&server, f.repo);
	EXPECT(fetcher_open(server.url, &fetcher, &err) == 0);
	c = fixture_open(&f);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 1);
	lookup.fetcher = &fetcher;
	EXPECT(level_list(c, &lookup, "x86_64", FIXTURE_BUILD_ID, &list, &err) == 0);
	EXPECT(level_open(c, &lookup, list, levels_newest(list, NULL), &level, &err) == 0);
	EXPECT(level_fetch(level, c, &fetcher, &module, &err) == 0);
	EXPECT(module.len == level->manifest->module.size);
	atomic_store(&server.requests, 0);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 0);
	EXPECT(atomic_load(&server.requests) == 1);
	http_server_stop(&server);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == -OAK_E_AGAIN);
	fixture_free(&f);
}
