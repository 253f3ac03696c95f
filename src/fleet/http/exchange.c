/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fleet/http/forwarded.h"
#include "fleet/http/listener-priv.h"
#include "fleet/server-settings.h"

/*
 * Of a body that nobody wants: so much is read before the answer, for a client that still sends when its
 * connection is closed loses the answer that says why.
 */
#define REFUSED_BODY_MAX (1u << 20)

struct exchange *exchange_new(struct listener *l, struct MHD_Connection *c, const char *target)
{
	size_t len = strlen(target) + 1;
	struct exchange *x = calloc(1, sizeof(*x) + 2 * len);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!x)
		return NULL;
	memcpy(x->text, target, len);
	x->room = x->text + len;
	x->listener = l;
	x->connection = c;
	x->link = info ? info->socket_context : NULL;
	x->req.who = "";
	x->req.person = "";
	atomic_fetch_add(&l->begun, 1);
	return x;
}

void exchange_free(struct exchange *x)
{
	atomic_fetch_sub(&x->listener->begun, 1);
	if (x->stream)
		stream_drop(x->stream);
	stream_release(x->stream);
	http_response_clear(&x->res);
	buf_free(&x->body);
	free(x);
}

static void refuse(struct exchange *x, unsigned status, const char *code, const char *why)
{
	x->state = EXCHANGE_ANSWERED;
	http_problem(&x->req, &x->res, status, code, "%s", why);
}

static enum MHD_Result add_header(void *cls, _unused_ enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct exchange *x = cls;
	size_t len = strlen(name) + 1;
	char *to = x->names + x->names_len;

	if (x->req.n_headers == EXCHANGE_HEADERS_MAX || len > sizeof(x->names) - x->names_len) {
		x->req.n_headers = EXCHANGE_HEADERS_MAX + 1;
		return MHD_NO;
	}
	for (size_t i = 0; i < len; i++)
		to[i] = (char)tolower((unsigned char)name[i]);
	x->names_len += len;
	x->headers[x->req.n_headers++] = (struct http_pair){ to, value ? value : "" };
	return MHD_YES;
}

/* The last of them: a proxy may add its own below that of the client. */
static const char *forwarded_list(const struct exchange *x)
{
	for (size_t i = x->req.n_headers; i > 0; i--)
		if (strcmp(x->headers[i - 1].name, "x-forwarded-for") == 0)
			return x->headers[i - 1].value;
	return NULL;
}

static bool read_headers(struct exchange *x)
{
	const char *proxies = x->listener->opt.fleet->settings->proxies;

	(void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, add_header, x);
	x->req.headers = x->headers;
	if (x->req.n_headers <= EXCHANGE_HEADERS_MAX) {
		forwarded_peer(proxies, forwarded_list(x), x->req.peer);
		return true;
	}
	x->req.n_headers = 0;
	refuse(x, 431, "too-large", "too many headers");
	return false;
}

static void name_request(struct exchange *x)
{
	struct listener *l = x->listener;

	(void)snprintf(x->req.id, sizeof(x->req.id), "%016llx%016llx",
		       (unsigned long long)l->id_prefix,
		       (unsigned long long)atomic_fetch_add(&l->id_next, 1));
	if (x->link)
		memcpy(x->req.peer, x->link->address, sizeof(x->req.peer));
	x->begun_ns = clock_now_ns();
	x->req.now_s = l->opt.fleet->now_s();
}

static bool parse_target(struct exchange *x)
{
	struct oak_error err = { 0 };
	int r = http_target_parse(x->text, &x->target, &err);

	x->req.path = x->target.path;
	if (r == -OAK_E_TOOLARGE)
		refuse(x, 414, "too-large", err.msg);
	else if (r < 0)
		refuse(x, 400, "malformed", err.msg);
	x->req.query = x->target.query;
	x->req.n_query = x->target.n_query;
	return r == 0;
}

static bool find_route(struct exchange *x)
{
	struct route_found found;

	route_find(x->listener->opt.tables, x->req.method, x->req.path, x->room, &found);
	x->route = found.route;
	if (found.route) {
		x->req.page = found.route->page;
		memcpy(x->req.params, found.params, sizeof(x->req.params));
		x->body_max = found.route->body_max ? found.route->body_max : HTTP_BODY_MAX;
		return true;
	}
	if (found.status == 404)
		refuse(x, 404, "not-found", "there is no such page");
	else if (found.status == 405)
		refuse(x, 405, "method", "this page does not know that method");
	x->res.status = found.status;
	x->state = EXCHANGE_ANSWERED;
	if (found.allow[0])
		(void)!http_set_header(&x->res, "Allow", found.allow);
	return false;
}

/*
 * Where a body ends must be beyond doubt: a proxy before us that reads it otherwise would take what follows
 * for somebody else's request. Source: RFC 9112 section 6.
 */
static bool is_ambiguous(const struct exchange *x)
{
	const char *encoding = http_header(&x->req, "transfer-encoding");
	size_t given = 0;

	for (size_t i = 0; i < x->req.n_headers; i++)
		given += strcmp(x->headers[i].name, "content-length") == 0 ||
			 strcmp(x->headers[i].name, "transfer-encoding") == 0;
	return given > 1 || (encoding && strcasecmp(encoding, "chunked") != 0);
}

/* libmicrohttpd has checked the number. */
static uint64_t announced(const struct exchange *x)
{
	const char *s = http_header(&x->req, "content-length");
	uint64_t n = 0;

	for (; s && *s >= '0' && *s <= '9' && n < UINT32_MAX; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	return n;
}

bool exchange_is_final(const struct exchange *x)
{
	const char *expect = http_header(&x->req, "expect");
	uint64_t n = announced(x);

	if (x->state != EXCHANGE_ANSWERED)
		return false;
	return is_ambiguous(x) || n > REFUSED_BODY_MAX || (expect && n > 0);
}

/* What is announced as too large is refused before it comes. */
static void check_body(struct exchange *x)
{
	if (is_ambiguous(x)) {
		refuse(x, 400, "malformed", "the length of the body is ambiguous");
		return;
	}
	if (announced(x) > x->body_max)
		refuse(x, 413, "too-large", "the body is too large");
}

void exchange_begin(struct exchange *x, const char *method)
{
	x->req.method = method;
	x->state = EXCHANGE_BODY;
	name_request(x);
	if (read_headers(x) && parse_target(x) && find_route(x))
		check_body(x);
}

bool exchange_add_body(struct exchange *x, const char *data, size_t len)
{
	if (x->state == EXCHANGE_BODY && x->body.len + len > x->body_max)
		refuse(x, 413, "too-large", "the body is too large");
	if (x->state != EXCHANGE_BODY) {
		x->refused_bytes += len;
		return x->refused_bytes <= REFUSED_BODY_MAX;
	}
	if (buf_add(&x->body, data, len) < 0)
		refuse(x, 503, "memory", "out of memory");
	return true;
}

/* On any thread. */
static void run_memory(struct exchange *x)
{
	x->route->memory(x->listener->opt.fleet, &x->req, &x->res);
}

/* The answer is there: back to the thread of the connection. @x is no longer ours. */
static void hand_back(struct exchange *x)
{
	x->state = EXCHANGE_ANSWERED;
	MHD_resume_connection(x->connection);
}

static void run_stream(struct worker_seat *seat, struct exchange *x)
{
	_cleanup_(stream_releasep) struct stream *s =
		streams_open(&x->listener->streams, x->connection);

	if (!s) {
		(void)!http_set_header(&x->res, "Retry-After", "60");
		refuse(x, 503, "busy", "too many listen already");
		return;
	}
	x->route->stream(seat, &x->req, &x->res, s);
	if (x->res.status) {
		streams_drop(&x->listener->streams, s);
		return;
	}
	x->res.status = 200;
	x->res.type = "text/event-stream";
	(void)!http_set_header(&x->res, "X-Accel-Buffering", "no"); /* nginx would keep it */
	x->stream = take_ptr(s);
}

void exchange_work(struct worker_seat *seat, struct exchange *x)
{
	if (authorize(seat, x)) {
		if (x->route->kind == ROUTE_MEMORY)
			run_memory(x);
		else if (x->route->kind == ROUTE_STREAM)
			run_stream(seat, x);
		else
			x->route->work(seat, &x->req, &x->res);
		/* A wrong password is as a wrong token is. */
		if (x->route->open && (x->res.status == 401 || x->res.status == 429))
			limits_failed(x);
	}
	hand_back(x);
}

void exchange_batch(struct worker_seat *seat, struct exchange **x, size_t n)
{
	struct http_exchange pairs[POOL_BATCH_MAX];

	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct http_exchange){ &x[i]->req, &x[i]->res };
	x[0]->route->batch(seat, pairs, n);
	for (size_t i = 0; i < n; i++)
		hand_back(x[i]);
}

static void give_away(struct exchange *x)
{
	struct pool *pool = x->listener->pool;
	bool taken;

	x->state = EXCHANGE_AWAY;
	link_due(x->link, 0);
	/* Before it is given away: it may be back before the next line. */
	MHD_suspend_connection(x->connection);
	taken = x->route->kind == ROUTE_BATCH ? pool_add_batch(pool, x) : pool_add_work(pool, x);
	if (taken)
		return;
	(void)!http_set_header(&x->res, "Retry-After", "5");
	refuse(x, 503, "busy", "too much is waiting already");
	hand_back(x);
}

bool exchange_run(struct exchange *x)
{
	x->req.body = buf_str(&x->body);
	x->req.len = x->body.len;
	if (!authorize_begin(x))
		return true;
	if (x->route->kind == ROUTE_MEMORY && !x->secret && !x->by_cookie) {
		run_memory(x);
		x->state = EXCHANGE_ANSWERED;
		return true;
	}
	if (!limits_before(x))
		return true;
	give_away(x);
	return false;
}
