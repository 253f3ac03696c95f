/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop itself, over sockets: what it takes, what it refuses, and that it lives on. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "fleet/http/listener.h"
#include "fleet/http/stream.h"
#include "fleet/server-settings.h"
#include "http-raw.h"

static int64_t clock_s(void)
{
	return 1000;
}

static void say_hello(_unused_ struct fleet *fleet, const struct http_request *req,
		      struct http_response *res)
{
	http_json(res, 200,
		  json_pack("{ss,ss}", "hello", http_query(req, "who") ?: "", "who", req->who));
}

static void say_length(_unused_ struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	http_json(res, 200, json_pack("{sI,ss}", "len", (json_int_t)req->len, "who", req->who));
}

static void wait_a_while(_unused_ struct worker_seat *seat, _unused_ const struct http_request *req,
			 struct http_response *res)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	http_json(res, 200, json_pack("{ss}", "slept", "well"));
}

static void count_them(_unused_ struct worker_seat *seat, struct http_exchange *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		http_json(x[i].res, 200, json_pack("{sI}", "together", (json_int_t)n));
}

static void listen_to(struct worker_seat *seat, const struct http_request *req,
		      struct http_response *res, struct stream *s)
{
	struct stream **kept = (struct stream **)(void *)seat->fleet->events;

	if (http_query(req, "no")) {
		http_problem(req, res, 400, "malformed", "no");
		return;
	}
	EXPECT(stream_send(s, "id: 1\n\n", 7) == 0);
	*kept = stream_hold(s);
}

static const struct route routes[] = {
	{ "GET", "/hello", ROUTE_MEMORY, .memory = say_hello },
	{ "GET", "/secret", ROUTE_MEMORY, .scope = SCOPE_READ, .memory = say_hello },
	{ "GET", "/metrics", ROUTE_MEMORY, .scope = SCOPE_METRICS, .memory = say_hello },
	{ "POST", "/length", ROUTE_WORK, .work = say_length },
	{ "PUT", "/hosts", ROUTE_WORK, .scope = SCOPE_HOSTS, .body_max = 16, .work = say_length },
	{ "GET", "/slow", ROUTE_WORK, .work = wait_a_while },
	{ "GET", "/events", ROUTE_STREAM, .stream = listen_to },
	{ "POST", "/batch", ROUTE_BATCH, .batch = count_them },
	{ 0 },
};

static int check_token(_unused_ struct db *db, const char *secret, _unused_ int64_t now_s,
		       struct api_token *ret, struct oak_error *err)
{
	if (strcmp(secret, "oakum-api-good") != 0)
		return oak_fail(err, OAK_E_NOTFOUND, "no");
	*ret = (struct api_token){ .name = "ci", .scopes = SCOPE_READ };
	return 0;
}

struct setup {
	struct server_settings settings;
	struct fleet fleet;
	struct listener *l;
	uint16_t port;
	struct stream *kept; /* of the last who listened */
};

static const struct route *const tables[] = { routes, NULL };
static struct db *const no_dbs[2] = { 0 };

static void start(struct setup *s, const struct listener_limits *limits)
{
	struct listener_options opt = { .fleet = &s->fleet,
					.tables = tables,
					.dbs = no_dbs,
					.workers = 2,
					.check_token = check_token };
	struct oak_error err = { 0 };

	*s = (struct setup){ .settings = { .listen = (char *)(uintptr_t) "127.0.0.1:0",
					   .plain = true },
			     .fleet = { .settings = &s->settings, .now_s = clock_s } };
	s->fleet.events = (struct event_hub *)(void *)&s->kept;
	if (limits)
		opt.limits = *limits;
	if (listener_start(&opt, &s->l, &err) < 0)
		fail_msg("%s", err.msg);
	s->port = listener_port(s->l);
}

static void stop(struct setup *s)
{
	listener_stop(s->l);
}

static int ask(int fd, const char *request, char *ret, size_t size)
{
	raw_send(fd, request);
	return raw_answer(fd, strncmp(request, "HEAD", 4) == 0, ret, size);
}

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
	struct setup s;
	char got[4096];
	int fd;

	start(&s, NULL);
	fd = raw_connect(s.port);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].request;
		EXPECT(ask(fd, cases[i].request, got, sizeof(got)) == cases[i].status);
		EXPECT_CONTAINS(got, cases[i].text);
		EXPECT(!strcasestr(got, "Connection: close"));
	}
	(void)close(fd);
	stop(&s);
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
	struct setup s;
	int fd, other;

	start(&s, &limits);
	fd = raw_connect(s.port);
	other = raw_connect(s.port);
	EXPECT(ask(fd, "GET /events?no=1 HTTP/1.1\r\nHost: x\r\n\r\n", got, sizeof(got)) == 400);
	raw_send(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	for (size_t n = 0; !strstr(got, "id: 1\n\n") && n < sizeof(got) - 1; n += strlen(got + n))
		read_event(fd, got + n, sizeof(got) - n);
	EXPECT_CONTAINS(got, "Content-Type: text/event-stream");
	EXPECT(s.kept);
	EXPECT(stream_send(s.kept, "id: 2\n\n", 7) == 0);
	read_event(fd, got, sizeof(got));
	EXPECT_CONTAINS(got, "id: 2\n\n");
	EXPECT(ask(other, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n", got, sizeof(got)) == 503);
	EXPECT_CONTAINS(got, "Retry-After: 60");
	EXPECT(stream_send(s.kept, "id: 3\n\n", 7) == 0);
	stop(&s); /* ends streams, after what was sent */
	read_event(fd, got, sizeof(got));
	EXPECT_CONTAINS(got, "id: 3\n\n");
	EXPECT(stream_send(s.kept, "x", 1) == -OAK_E_NOTHING);
	stream_release(s.kept);
	(void)close(fd);
	(void)close(other);
}

TEST(slow_readers_of_streams_are_let_go)
{
	char piece[1024], got[4096];
	struct setup s;
	int fd, r = 0;

	memset(piece, 'x', sizeof(piece));
	start(&s, NULL);
	fd = raw_connect(s.port);
	raw_send(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	read_event(fd, got, sizeof(got));
	/* Socket buffers take some megabytes before anything has to wait. */
	for (int i = 0; i < 100000 && r == 0; i++)
		r = stream_send(s.kept, piece, sizeof(piece));
	EXPECT(r == -OAK_E_TOOLARGE);
	EXPECT(stream_send(s.kept, piece, 1) == -OAK_E_NOTHING);
	stream_release(s.kept);
	(void)close(fd);
	stop(&s);
}
