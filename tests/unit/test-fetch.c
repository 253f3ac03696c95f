/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transports: a directory, and a real HTTP server that may misbehave. */
#include "trust-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "http-server.h"
#include "trust/level.h"
#include "trust/url.h"
#include "trust/validator.h"

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
		{ "-https", -OAK_E_IO, "/-https: Protocol \"https\" " },
		{ "-busy", -OAK_E_AGAIN,
		  "/-busy: the server answered HTTP 429 and asks to wait 17 seconds" },
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

/* Fetches NAME of the fixture's repository by a path that breaks it in the middle. */
static int fetch_broken(const struct fixture *f, const char *path, const struct fetch_options *opt,
			unsigned *requests, bool *same, struct oak_error *err)
{
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	_cleanup_(buf_free) struct buf out = { 0 }, want = { 0 };
	struct http_server server;
	int r;

	fixture_read(f->repo, "1.root.json", &want);
	http_server_start(&server, f->repo);
	EXPECT(fetcher_open_with(server.url, opt, &fetcher, err) == 0);
	/* As for a target: not a byte more than there is. */
	r = fetcher.fetch(fetcher.ctx, path, want.len, &out, err);
	*requests = atomic_load(&server.requests);
	http_server_stop(&server);
	*same = out.len == want.len && memcmp(out.data, want.data, want.len) == 0;
	return r;
}

TEST(fetch_http_goes_on_where_it_broke)
{
	static const struct {
		const char *path;
		int want;
		unsigned requests;
		const char *message;
	} cases[] = {
		{ "-break/1.root.json", 0, 2, NULL },
		{ "-norange/1.root.json", 0, 2, NULL },
		{ "-stumble/1.root.json", 0, 3, NULL },
		/* Whether it is still the same file nobody can say. */
		{ "-weak/1.root.json", -OAK_E_AGAIN, 1, "transfer closed with " },
		{ "-crumbs/1.root.json", -OAK_E_AGAIN, 4, "transfer closed with " },
	};
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned requests;
		bool same;

		test_case = cases[i].path;
		EXPECT(fetch_broken(&f, cases[i].path, NULL, &requests, &same, &err) ==
		       cases[i].want);
		EXPECT(requests == cases[i].requests);
		EXPECT(same == (cases[i].want == 0));
		if (cases[i].message)
			EXPECT_CONTAINS(err.msg, cases[i].message);
	}
	fixture_free(&f);
}

/* Slow retrieval: a byte now and then keeps a connection, and a host, busy for ever. */
TEST(fetch_http_gives_up_on_what_is_too_slow)
{
	const struct fetch_options opt = { .slow_s = 1 };
	struct oak_error err;
	struct fixture f;
	unsigned requests;
	bool same;

	fixture_new(&f);
	EXPECT(fetch_broken(&f, "-slow", &opt, &requests, &same, &err) == -OAK_E_AGAIN);
	EXPECT_CONTAINS(err.msg, "/-slow: Operation too slow. Less than 100 bytes/sec transferred "
				 "the last 1 seconds");
	fixture_free(&f);
}

/* One request, answered 304; what lies in the trust directory is not touched. */
TEST(fetch_http_asks_only_if_it_has_changed)
{
	const struct tuf_refresh how = { .now_s = FIXTURE_NOW, .quick = true };
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(freep) char *path = NULL;
	struct http_server server;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	http_server_start(&server, f.repo);
	EXPECT(fetcher_open(server.url, &fetcher, &err) == 0);
	c = fixture_open(&f);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 1);
	for (unsigned i = 0; i < 3; i++) {
		atomic_store(&server.requests, 0);
		atomic_store(&server.not_modified, 0);
		EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 0);
		EXPECT(atomic_load(&server.requests) == 1);
		EXPECT(atomic_load(&server.not_modified) == 1);
	}
	/* Something new comes through. */
	fixture_publish_level(&f, 2, "edge");
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 1);
	/* A damaged note of what the server said is as good as none. */
	path = path_join(f.state, ".timestamp.validator");
	EXPECT(file_exists(AT_FDCWD, path));
	fixture_write(f.state, ".timestamp.validator", "oakum-validator 1\nx\n", 20);
	atomic_store(&server.not_modified, 0);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 0);
	EXPECT(atomic_load(&server.not_modified) == 0);
	EXPECT(tuf_client_refresh(c, &fetcher, &how, &err) == 0);
	EXPECT(atomic_load(&server.not_modified) == 1);
	/* Expiry is checked whatever the server says. */
	EXPECT(tuf_client_refresh(c, &fetcher,
				  &(struct tuf_refresh){ .now_s = FIXTURE_NOW + 2 * 86400,
							 .quick = true },
				  &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "timestamp.json: expired ");
	http_server_stop(&server);
	fixture_free(&f);
}

/* A note of another repository, or of other bytes, is never sent. */
TEST(validator_fits_its_bytes_and_url_alone)
{
	struct fetch_validator v = { .etag = "\"x\"", .modified = "yesterday" }, got;
	uint8_t abc[] = { 'a', 'b', 'c' }, abd[] = { 'a', 'b', 'd' };
	struct buf bytes = { .data = abc, .len = 3 }, others = { .data = abd, .len = 3 };
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(fd >= 0);
	validator_store(fd, "http://a/", &bytes, &v);
	EXPECT(validator_load(fd, "http://a/", &bytes, &got));
	EXPECT_STR(got.etag, "\"x\"");
	EXPECT_STR(got.modified, "yesterday");
	EXPECT(!validator_load(fd, "http://b/", &bytes, &got));
	EXPECT(!validator_load(fd, "http://a/", &others, &got));
	EXPECT(!got.etag[0] && !got.modified[0]);
	(void)snprintf(v.etag, sizeof(v.etag), "\"x\"\nInjected: yes");
	validator_store(fd, "http://a/", &others, &v);
	EXPECT(!validator_load(fd, "http://a/", &others, &got));
	(void)close(fd);
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
