/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/http-head.h"

#include <errno.h>

#include "test.h"
#include "trust/http-plain.h"

TEST(http_head_parse_takes_plain_answers_only)
{
	static const struct {
		const char *in;
		int want;
		unsigned status;
		uint64_t length;
		bool keep;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", 0, 200, 12, true },
		{ "HTTP/1.1 200 \r\ncontent-length:0\r\nServer: x\r\n\r\nbody", 0, 200, 0, true },
		{ "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\n", 0, 404, 3, false },
		{ "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: \t7 \r\n\r\n", 0, 200, 7,
		  false },
		{ "HTTP/1.1 503\r\nContent-Length: 7\r\n\r\n", 0, 503, 7, true },
		{ "", -EAGAIN, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n", -EAGAIN, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/2 200\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 2000\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 302 Found\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		  -EINVAL, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", -EINVAL, 0,
		  0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", -EINVAL, 0, 0,
		  false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded: 2\r\n\r\n", -EINVAL, 0, 0,
		  false },
		{ "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 1\r\n\r\n", -EINVAL, 0, 0, false },
		{ "\r\n\r\n", -EINVAL, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_head head = { 0 };

		test_case = cases[i].in;
		EXPECT(http_head_parse(cases[i].in, strlen(cases[i].in), &head) == cases[i].want);
		EXPECT(head.status == cases[i].status && head.length == cases[i].length);
		EXPECT(head.keep == cases[i].keep);
	}
	test_case = NULL;
}

TEST(http_head_parse_has_a_limit)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct http_head head;

	EXPECT(buf_add_str(&b, "HTTP/1.1 200 OK\r\n") == 0);
	while (b.len < HTTP_HEAD_MAX)
		EXPECT(buf_add_str(&b, "X: y\r\n") == 0);
	EXPECT(http_head_parse(b.data, b.len, &head) == -EINVAL);
	EXPECT(buf_add_str(&b, "Content-Length: 1\r\n\r\n") == 0);
	EXPECT(http_head_parse(b.data, b.len, &head) == -EINVAL);
}

TEST(http_plain_open_leaves_the_rest_to_curl)
{
	static const struct {
		const char *url;
		bool plain;
	} cases[] = {
		{ "http://h", true },       { "http://h/", true },    { "http://h:8080/a/", true },
		{ "http://h/a", true },     { "https://h/", false },  { "http://u@h/", false },
		{ "http://[::1]/", false }, { "http://h/?q", false }, { "http:///x", false },
		{ "http://:80/", false },
	};

	EXPECT(unsetenv("http_proxy") == 0 && unsetenv("all_proxy") == 0);
	EXPECT(unsetenv("ALL_PROXY") == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(http_plain_closep) struct http_plain *h = NULL;
		struct oak_error err;

		test_case = cases[i].url;
		EXPECT(http_plain_open(cases[i].url, &h, &err) == 0);
		EXPECT((h != NULL) == cases[i].plain);
	}
	test_case = NULL;
	{
		struct http_plain *h = NULL;
		struct oak_error err;

		EXPECT(setenv("http_proxy", "http://proxy:3128", 1) == 0);
		EXPECT(http_plain_open("http://h/", &h, &err) == 0);
		EXPECT(!h);
		EXPECT(unsetenv("http_proxy") == 0);
	}
}
