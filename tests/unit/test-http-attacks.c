/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients that are slow, loud, or wrong: each gets what it should, and the others are answered meanwhile. */
#include "test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "http-loop.h"
#include "http-raw.h"

#define HELLO "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

static void expect_alive(const struct loop *s)
{
	char got[4096];
	int fd = raw_connect(s->port);

	EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
	(void)close(fd);
}

TEST(pipelined_requests_are_answered_in_order)
{
	char got[4096], request[2048] = "", want[32];
	struct loop s;
	int fd;

	for (int i = 0; i < 20; i++)
		(void)snprintf(request + strlen(request), sizeof(request) - strlen(request),
			       "GET /hello?who=%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
	loop_start(&s, NULL);
	fd = raw_connect(s.port);
	raw_send(fd, request);
	for (int i = 0; i < 20; i++) {
		EXPECT(raw_answer(fd, false, got, sizeof(got)) == 200);
		(void)snprintf(want, sizeof(want), "{\"hello\":\"%d\"", i);
		EXPECT_CONTAINS(got, want);
	}
	(void)close(fd);
	loop_stop(&s);
}

TEST(what_is_too_large_is_refused)
{
	static const struct {
		const char *name, *head;
		size_t more; /* bytes after it */
		int status;
		bool lives; /* the connection does */
	} cases[] = {
		{ "announced",
		  "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 0, 413,
		  false },
		{ "overflow",
		  "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
		  0, 413, false },
		{ "no number", "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 0,
		  400, false },
		{ "a chunk",
		  "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n",
		  0x20000, 0, true },
		{ "header", "GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: ", 20000, 431, false },
		{ "target", "GET /", 3000, 0, true },
	};
	char got[4096], *more = malloc(0x20001);
	struct loop s;

	EXPECT(more);
	memset(more, 'a', 0x20000);
	loop_start(&s, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = raw_connect(s.port), status;

		test_case = cases[i].name;
		more[cases[i].more] = '\0';
		raw_send(fd, cases[i].head);
		raw_send(fd, more);
		more[cases[i].more] = 'a';
		if (cases[i].lives)
			raw_send(fd, i == 3 ? "\r\n0\r\n\r\n" : " HTTP/1.1\r\nHost: x\r\n\r\n");
		status = raw_answer(fd, false, got, sizeof(got));
		EXPECT(status == (cases[i].status ? cases[i].status : i == 3 ? 413 : 414));
		if (cases[i].lives)
			EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
		else
			EXPECT(raw_is_closed(fd, 10000));
		(void)close(fd);
		expect_alive(&s);
	}
	free(more);
	loop_stop(&s);
}

TEST(too_many_headers_are_refused)
{
	char got[4096], request[4096] = "GET /hello HTTP/1.1\r\nHost: x\r\n";
	struct loop s;
	int fd;

	for (int i = 0; i < 60; i++)
		(void)snprintf(request + strlen(request), sizeof(request) - strlen(request),
			       "X-Header-%d: y\r\n", i);
	(void)snprintf(request + strlen(request), sizeof(request) - strlen(request), "\r\n");
	loop_start(&s, NULL);
	fd = raw_connect(s.port);
	EXPECT(loop_ask(fd, request, got, sizeof(got)) == 431);
	EXPECT_CONTAINS(got, "too many headers");
	EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
	(void)close(fd);
	loop_stop(&s);
}

TEST(ambiguous_requests_are_refused)
{
	static const char *const requests[] = {
		"GET /hello HTTP/1.1\r\n\r\n", /* no Host */
		("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
	};
	char got[4096];
	struct loop s;

	loop_start(&s, NULL);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int fd = raw_connect(s.port);

		test_case = requests[i];
		EXPECT(loop_ask(fd, requests[i], got, sizeof(got)) == 400);
		EXPECT(raw_is_closed(fd, 10000));
		(void)close(fd);
	}
	loop_stop(&s);
}

TEST(garbage_does_not_disturb_others)
{
	static const char *const garbage[] = {
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
		"GET\r\n\r\n",
		"GET /hello HTTP/9.9\r\n\r\n",
		"GET /hello HTTP/1.1\r\n\r\n", /* no Host */
		"\r\n\r\n\r\n\r\nGET",
		"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
		("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		"GET /hello HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
		"\xff\xfe\xfd\xfc\n\n\n",
	};
	struct loop s;

	loop_start(&s, NULL);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		int fd = raw_connect(s.port);

		test_case = garbage[i];
		raw_send(fd, garbage[i]);
		(void)shutdown(fd, SHUT_WR);
		expect_alive(&s);
		(void)close(fd);
	}
	loop_stop(&s);
}

#define SLOW 500

/* Each sends a byte now and then, for ever: libmicrohttpd's own timeout would never come. */
static void trickle(const struct loop *s, const char *first, const char *byte)
{
	int fds[SLOW], open_ones = SLOW;

	for (int i = 0; i < SLOW; i++) {
		fds[i] = raw_connect(s->port);
		raw_send(fds[i], first);
	}
	for (int turn = 0; open_ones && turn < 200; turn++) {
		open_ones = 0;
		for (int i = 0; i < SLOW; i++) {
			raw_send(fds[i], byte);
			open_ones += !raw_is_closed(fds[i], 0);
		}
		expect_alive(s);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	EXPECT(open_ones == 0);
	for (int i = 0; i < SLOW; i++)
		(void)close(fds[i]);
}

TEST(slow_headers_end_the_connection)
{
	struct listener_limits limits = { .first_s = 1 };
	struct loop s;

	loop_start(&s, &limits);
	trickle(&s, "GET /hello HTTP/1.1\r\nX-Slow: ", "a");
	loop_stop(&s);
}

TEST(slow_bodies_end_the_connection)
{
	struct listener_limits limits = { .body_s = 1 };
	struct loop s;

	loop_start(&s, &limits);
	trickle(&s, "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", "a");
	loop_stop(&s);
}

TEST(idle_connections_end)
{
	struct listener_limits limits = { .idle_s = 1 };
	char got[4096];
	struct loop s;
	int fd;

	loop_start(&s, &limits);
	fd = raw_connect(s.port);
	EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
	EXPECT(raw_is_closed(fd, 10000));
	(void)close(fd);
	loop_stop(&s);
}

TEST(connections_are_bounded)
{
	struct listener_limits limits = { .connections = 64 };
	int fds[200], served = 0, refused = 0;
	char got[4096];
	struct loop s;

	loop_start(&s, &limits);
	for (int i = 0; i < 200; i++)
		fds[i] = raw_connect(s.port);
	/* The kernel's queue takes those that the server does not: they wait, or are closed. */
	for (int i = 0; i < 200; i++)
		raw_send(fds[i], HELLO);
	for (int i = 0; i < 200; i++) {
		if (raw_is_readable(fds[i], i == 0 ? 5000 : 20) &&
		    raw_answer(fds[i], false, got, sizeof(got)) == 200)
			served++;
		else
			refused++;
	}
	EXPECT(served > 0 && served <= 64 && served + refused == 200);
	for (int i = 0; i < 200; i++)
		(void)close(fds[i]);
	expect_alive(&s);
	loop_stop(&s);
}

TEST(full_queues_are_told_at_once)
{
	struct listener_limits limits = { .work_max = 2 };
	int fds[12], served = 0, busy = 0;
	char got[4096];
	struct loop s;

	loop_start(&s, &limits);
	for (int i = 0; i < 12; i++) {
		fds[i] = raw_connect(s.port);
		raw_send(fds[i], "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	expect_alive(&s); /* what is in memory does not wait behind them */
	for (int i = 0; i < 12; i++) {
		int status = raw_answer(fds[i], false, got, sizeof(got));

		served += status == 200;
		busy += status == 503;
		if (status == 503)
			EXPECT_CONTAINS(got, "\r\nRetry-After: 5\r\n");
		(void)close(fds[i]);
	}
	EXPECT(served >= 2 && busy >= 1 && served + busy == 12);
	loop_stop(&s);
}

TEST(what_was_begun_is_answered)
{
	char got[4096];
	struct loop s;
	int fd, half;

	loop_start(&s, NULL);
	fd = raw_connect(s.port);
	half = raw_connect(s.port);
	raw_send(half, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	(void)shutdown(half, SHUT_WR);
	EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
	raw_send(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_wait_begun(&s, 2);
	loop_stop(&s);
	EXPECT(raw_answer(fd, false, got, sizeof(got)) == 200);
	EXPECT_CONTAINS(got, "\r\nConnection: close\r\n");
	EXPECT(raw_is_closed(fd, 10000));
	EXPECT(raw_answer(half, false, got, sizeof(got)) == 200);
	(void)close(fd);
	(void)close(half);
}

/* A client that has gone while a worker was at it costs nothing but the work. */
TEST(clients_may_leave_at_any_time)
{
	struct loop s;

	loop_start(&s, NULL);
	for (int i = 0; i < 50; i++) {
		int fd = raw_connect(s.port);
		const struct linger now = { .l_onoff = 1 };

		raw_send(fd, i % 2 ? "POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
				   : "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
		if (i % 3 == 0)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		(void)close(fd);
	}
	expect_alive(&s);
	loop_stop(&s);
}

TEST(wrong_tokens_are_limited)
{
	struct listener_limits limits = { .count_loopback = 1 };
	char got[4096];
	struct loop s;
	int fd, status = 0, tries = 0;

	loop_start(&s, &limits);
	fd = raw_connect(s.port);
	while (status != 429 && tries++ < 200)
		status = loop_ask(fd,
				  "GET /secret HTTP/1.1\r\nHost: x\r\n"
				  "Authorization: Bearer oakum-api-guess\r\n\r\n",
				  got, sizeof(got));
	EXPECT(status == 429 && tries > 50);
	EXPECT_CONTAINS(got, "\r\nRetry-After: ");
	EXPECT_CONTAINS(got, "\"code\":\"rate-limited\"");
	EXPECT(loop_ask(fd, HELLO, got, sizeof(got)) == 200);
	(void)close(fd);
	loop_stop(&s);
}

TEST(a_mad_host_is_limited)
{
	struct listener_limits limits = { .host_per_s = 1 };
	char got[4096];
	struct loop s;
	int fd, status = 200, tries = 0;

	loop_start(&s, &limits);
	fd = raw_connect(s.port);
	while (status == 200 && tries++ < 200)
		status = loop_ask(fd,
				  "POST /batch HTTP/1.1\r\nHost: x\r\nOakum-Host: a\r\n"
				  "Content-Length: 1\r\n\r\na",
				  got, sizeof(got));
	EXPECT(status == 429);
	EXPECT(loop_ask(fd,
			"POST /batch HTTP/1.1\r\nHost: x\r\nOakum-Host: b\r\n"
			"Content-Length: 1\r\n\r\na",
			got, sizeof(got)) == 200);
	(void)close(fd);
	loop_stop(&s);
}
