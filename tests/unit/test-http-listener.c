/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop itself, over sockets: what it answers, and that connections live on. */
#include "test.h"

#include <poll.h>
#include <sys/socket.h>

#include "fleet/http/stream.h"
#include "http-loop.h"
#include "http-raw.h"

TEST(listener_answers_and_keeps_the_connection)
{
	static const struct {
		const char *request;
		int status;
		const char *text; /* somewhere in the answer */
	} cases[] = {
		{ "GET /hello?who=a%20b HTTP/1.1\r\nHost: x\r\n\r\n", 200, "{\"hello\":\"a b\"" },
		{ "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", 200, "Content-Length: 21" },
		{ "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 200, "\r\nCache-Control: no-store" },
		{ "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 200,
		  "\r\nX-Content-Type-Options: nosniff" },
		{ "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "\"code\":\"not-found\"" },
		{ "DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
		{ "OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n", 204, "\r\nAllow: GET, HEAD\r\n" },
		{ "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400, "\"malformed\"" },
		{ "GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400, "\"malformed\"" },
		{ "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde", 200,
		  "{\"len\":5" },
		{ "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 200,
		  "{\"len\":0" },
		{ "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
		  200, "{\"len\":7" },
		{ "POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", 200,
		  "{\"together\":1}" },
		{ "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", 401, "\r\nWWW-Authenticate: Bearer" },
		{ "GET /secret HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eA==\r\n\r\n", 401,
		  "this page wants a token" },
		{ "GET /secret HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer oakum-api-x\r\n\r\n",
		  401, "the token is not known" },
		{ "GET /secret HTTP/1.1\r\nHost: x\r\nAuthorization: bearer oakum-api-good\r\n\r\n",
		  200, "\"who\":\"token:ci\"" },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer oakum-api-good\r\n\r\n",
		  200, "\"who\":\"token:ci\"" },
		{ "PUT /hosts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer oakum-api-good\r\n"
		  "Content-Length: 1\r\n\r\na",
		  403, "\"code\":\"scope\"" },
	};
	struct loop s;
	char got[4096];
	int fd;

	loop_start(&s, NULL);
	fd = raw_connect(s.port);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].request;
		EXPECT(loop_ask(fd, cases[i].request, got, sizeof(got)) == cases[i].status);
		EXPECT_CONTAINS(got, cases[i].text);
		EXPECT(!strcasestr(got, "Connection: close"));
	}
	(void)close(fd);
	loop_stop(&s);
}

/* The next chunk of a stream, as text. */
static void read_event(int fd, char *ret, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&p, 1, 10000) == 1 ? recv(fd, ret, size - 1, 0) : 0;

	EXPECT(n > 0);
	ret[n > 0 ? n : 0] = '\0';
}

TEST(streams_bring_what_is_sent)
{
	struct listener_limits limits = { .streams = 1 };
	char got[4096] = "";
	struct loop s;
	int fd, other;

	loop_start(&s, &limits);
	fd = raw_connect(s.port);
	other = raw_connect(s.port);
	EXPECT(loop_ask(fd, "GET /events?no=1 HTTP/1.1\r\nHost: x\r\n\r\n", got, sizeof(got)) ==
	       400);
	raw_send(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	for (size_t n = 0; !strstr(got, "id: 1\n\n") && n < sizeof(got) - 1; n += strlen(got + n))
		read_event(fd, got + n, sizeof(got) - n);
	EXPECT_CONTAINS(got, "Content-Type: text/event-stream");
	EXPECT(s.kept.stream);
	EXPECT(stream_send(s.kept.stream, "id: 2\n\n", 7) == 0);
	read_event(fd, got, sizeof(got));
	EXPECT_CONTAINS(got, "id: 2\n\n");
	EXPECT(loop_ask(other, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n", got, sizeof(got)) == 503);
	EXPECT_CONTAINS(got, "Retry-After: 60");
	EXPECT(stream_send(s.kept.stream, "id: 3\n\n", 7) == 0);
	loop_stop(&s); /* ends streams, after what was sent */
	read_event(fd, got, sizeof(got));
	EXPECT_CONTAINS(got, "id: 3\n\n");
	(void)close(fd);
	(void)close(other);
}

TEST(slow_readers_of_streams_are_let_go)
{
	char piece[1024], got[4096];
	struct loop s;
	int fd, r = 0;

	memset(piece, 'x', sizeof(piece));
	loop_start(&s, NULL);
	fd = raw_connect(s.port);
	raw_send(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	read_event(fd, got, sizeof(got));
	/* Socket buffers take some megabytes before anything has to wait. */
	for (int i = 0; i < 100000 && r == 0; i++)
		r = stream_send(s.kept.stream, piece, sizeof(piece));
	EXPECT(r == -OAK_E_TOOLARGE);
	EXPECT(stream_send(s.kept.stream, piece, 1) == -OAK_E_NOTHING);
	(void)close(fd);
	loop_stop(&s);
}
