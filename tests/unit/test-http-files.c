/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/file.h"
#include "fleet/fleet.h"
#include "fleet/http/conditional.h"
#include "fleet/http/file-cache.h"
#include "fleet/http/route.h"
#include "fleet/server-settings.h"

TEST(ranges_are_parts_of_a_file)
{
	static const struct {
		const char *text;
		uint64_t size;
		enum range_kind want;
		uint64_t off, len;
	} cases[] = {
		{ "bytes=0-0", 10, RANGE_PART, 0, 1 },
		{ "bytes=2-5", 10, RANGE_PART, 2, 4 },
		{ "bytes=9-", 10, RANGE_PART, 9, 1 },
		{ "bytes=5-100", 10, RANGE_PART, 5, 5 },
		{ "bytes=0-18446744073709551615", 10, RANGE_PART, 0, 10 },
		{ "bytes=-3", 10, RANGE_PART, 7, 3 },
		{ "bytes=-30", 10, RANGE_PART, 0, 10 },
		{ "bytes=10-", 10, RANGE_BEYOND, 0, 0 },
		{ "bytes=-0", 10, RANGE_BEYOND, 0, 0 },
		{ "bytes=-1", 0, RANGE_BEYOND, 0, 0 },
		{ "bytes=0-", 0, RANGE_BEYOND, 0, 0 },
		{ NULL, 10, RANGE_NONE, 0, 0 },
		{ "bytes=", 10, RANGE_NONE, 0, 0 },
		{ "bytes=-", 10, RANGE_NONE, 0, 0 },
		{ "bytes=5-2", 10, RANGE_NONE, 0, 0 },
		{ "bytes=0-1,3-4", 10, RANGE_NONE, 0, 0 },
		{ "bytes=+1-2", 10, RANGE_NONE, 0, 0 },
		{ "bytes=18446744073709551616-", 10, RANGE_NONE, 0, 0 },
		{ "lines=0-1", 10, RANGE_NONE, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t off = 0, len = 0;

		test_case = cases[i].text;
		EXPECT(range_parse(cases[i].text, cases[i].size, &off, &len) == cases[i].want);
		EXPECT(cases[i].want != RANGE_PART || (off == cases[i].off && len == cases[i].len));
	}
}

TEST(etags_are_looked_for_in_lists)
{
	static const struct {
		const char *list;
		bool want;
	} cases[] = {
		{ "\"17\"", true },        { "W/\"17\"", true },
		{ "\"1\", \"17\"", true }, { "*", true },
		{ "\"1\"", false },        { "\"171\"", false },
		{ "17", false },           { "", false },
		{ "\"17", false },         { "\"1\" , W/\"17\" ,", true },
		{ ",,", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].list;
		EXPECT(etag_listed(cases[i].list, "\"17\"") == cases[i].want);
	}
}

TEST(dates_are_those_of_http)
{
	char got[32];

	http_date(784111777, got);
	EXPECT_STR(got, "Sun, 06 Nov 1994 08:49:37 GMT");
}

struct setup {
	struct server_settings settings;
	struct fleet fleet;
	struct http_response res;
	char root[256];
};

static void write_file(const char *root, const char *name, const char *text)
{
	char path[512];
	struct oak_error err = { 0 };

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	EXPECT(file_write(AT_FDCWD, path, text, strlen(text), 0644, &err) == 0);
}

static void set_up(struct setup *s)
{
	const struct timeval times[2] = { { .tv_sec = 784111777 }, { .tv_sec = 784111777 } };
	char path[512];

	*s = (struct setup){ .fleet.settings = &s->settings };
	(void)snprintf(s->root, sizeof(s->root), "%s/www", test_dir());
	(void)mkdir(s->root, 0755);
	(void)snprintf(path, sizeof(path), "%s/targets", s->root);
	(void)mkdir(path, 0755);
	write_file(s->root, "timestamp.json", "{\"now\":1}");
	write_file(s->root, "targets/abc.level.klp.zst", "0123456789");
	write_file(s->root, ".hidden", "no");
	write_file(s->root, "targets/.hidden", "no");
	write_file(test_dir(), "outside", "secret");
	(void)snprintf(path, sizeof(path), "%s/link", s->root);
	EXPECT(symlink("../outside", path) == 0 || errno == EEXIST);
	(void)snprintf(path, sizeof(path), "%s/inner-link", s->root);
	EXPECT(symlink("timestamp.json", path) == 0 || errno == EEXIST);
	(void)snprintf(path, sizeof(path), "%s/pipe", s->root);
	(void)mkfifo(path, 0644);
	(void)snprintf(path, sizeof(path), "%s/targets/abc.level.klp.zst", s->root);
	EXPECT(utimes(path, times) == 0);
	s->settings.repository = s->root;
}

static const char *ask(struct setup *s, const char *method, const char *target, const char *header)
{
	static const struct route *const tables[] = { routes_static, NULL };
	struct http_given given = { .method = method, .target = target, .headers = { header } };
	_cleanup_(http_request_freep) struct http_request *req = NULL;
	struct worker_seat seat = { &s->fleet, NULL };
	struct oak_error err = { 0 };

	http_response_clear(&s->res);
	EXPECT(http_request_make(&given, &req, &err) == 0);
	route_run(tables, &seat, req, &s->res);
	return buf_str(&s->res.body);
}

static const char *header(const struct setup *s, const char *name)
{
	for (size_t i = 0; i < s->res.n_headers; i++)
		if (strcmp(s->res.headers[i].name, name) == 0)
			return s->res.headers[i].value;
	return "";
}

TEST(files_are_served_as_they_are)
{
	static const char target[] = "/repository/targets/abc.level.klp.zst";
	char want[128];
	struct setup s;

	set_up(&s);
	EXPECT_STR(ask(&s, "GET", "/repository/timestamp.json", NULL), "{\"now\":1}");
	EXPECT(s.res.status == 200);
	EXPECT_STR(s.res.type, "application/json");
	EXPECT_STR(header(&s, "Cache-Control"), "public, max-age=60");
	EXPECT_STR(ask(&s, "GET", target, NULL), "0123456789");
	EXPECT_STR(s.res.type, "application/zstd");
	EXPECT_STR(header(&s, "Cache-Control"), "public, max-age=31536000, immutable");
	EXPECT_STR(header(&s, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
	(void)snprintf(want, sizeof(want), "If-None-Match: %s", header(&s, "ETag"));
	EXPECT_STR(ask(&s, "GET", target, want), "");
	EXPECT(s.res.status == 304);
	EXPECT_STR(ask(&s, "GET", target, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"), "");
	EXPECT(s.res.status == 304);
	EXPECT_STR(ask(&s, "GET", target, "Range: bytes=2-4"), "234");
	EXPECT(s.res.status == 206);
	EXPECT_STR(header(&s, "Content-Range"), "bytes 2-4/10");
	EXPECT_CONTAINS(ask(&s, "GET", target, "Range: bytes=10-"), "the file is shorter");
	EXPECT(s.res.status == 416);
	EXPECT_STR(header(&s, "Content-Range"), "bytes */10");
	EXPECT_STR(header(&s, "Cache-Control"), "no-store");
	http_response_clear(&s.res);
}

TEST(files_outside_do_not_exist)
{
	static const char *const targets[] = {
		"/repository/",        "/repository/nothing",
		"/repository/targets", "/repository/targets/",
		"/repository/.hidden", "/repository/targets/.hidden",
		"/repository/link",    "/repository/inner-link",
		"/repository/pipe",    "/repository/%252e%252e/outside",
	};
	struct setup s;

	set_up(&s);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		test_case = targets[i];
		EXPECT_CONTAINS(ask(&s, "GET", targets[i], NULL), "there is no such file");
		EXPECT(s.res.status == 404);
	}
	s.settings.repository = NULL;
	EXPECT_CONTAINS(ask(&s, "GET", "/repository/timestamp.json", NULL), "there is no such file");
	http_response_clear(&s.res);
}

TEST(small_files_are_remembered_for_a_moment)
{
	static const char *const target = "/repository/timestamp.json";
	_cleanup_(file_cache_freep) struct file_cache *cache = file_cache_new();
	char first[128], want[160];
	struct setup s;

	set_up(&s);
	s.fleet.files = cache;
	EXPECT_STR(ask(&s, "GET", target, NULL), "{\"now\":1}");
	(void)snprintf(first, sizeof(first), "%s", header(&s, "ETag"));
	(void)snprintf(want, sizeof(want), "If-None-Match: %s", first);
	write_file(s.root, "timestamp.json", "{\"now\":22}");
	EXPECT_STR(ask(&s, "GET", target, "Range: bytes=7-8"), "22"); /* parts are always read */
	EXPECT(s.res.status == 206);
	(void)usleep(1100000);
	EXPECT_STR(ask(&s, "GET", target, want), "{\"now\":22}");
	EXPECT(strcmp(first, header(&s, "ETag")) != 0);
	http_response_clear(&s.res);
}

TEST(large_files_are_sent_from_their_descriptor)
{
	char *large = malloc(100001);
	struct setup s;

	EXPECT(large);
	memset(large, 'x', 100000);
	large[100000] = '\0';
	set_up(&s);
	write_file(s.root, "large", large);
	EXPECT_STR(ask(&s, "GET", "/repository/large", "Range: bytes=10-"), "");
	EXPECT(s.res.status == 206 && s.res.is_file && s.res.file_off == 10 &&
	       s.res.file_len == 99990);
	http_response_clear(&s.res); /* closes it */
	free(large);
}
