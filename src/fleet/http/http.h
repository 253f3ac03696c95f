/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: what a route sees of a request, and what it answers. Nothing here knows of libmicrohttpd, so
 * routes are tested without a socket (http_request_make()).
 *
 * A route is one row of a table: see fleet/http/route.h.
 */
#ifndef OAK_FLEET_HTTP_HTTP_H
#define OAK_FLEET_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

#define HTTP_PARAMS_MAX  4
#define HTTP_HEADERS_MAX 12
#define HTTP_BODY_MAX    (64u << 10) /* unless the route says otherwise */

struct http_pair {
	const char *name, *value;
};

struct http_request {
	const char *method;                  /* "GET" */
	const char *path;                    /* as it came, decoded, never with ".." */
	const char *params[HTTP_PARAMS_MAX]; /* what stood at {...} of the route's pattern, in order */
	const struct http_pair *query, *headers; /* decoded; names of headers in lower case */
	size_t n_query, n_headers;
	const void *body;
	size_t len;
	char peer[48];   /* address of the client; that of X-Forwarded-For from a trusted proxy */
	char id[33];     /* of this request, for logs; also in the answer: X-Request-Id */
	int64_t now_s;   /* the server's clock; never goes back within a process */
	const char *who; /* "token:<name>", "user:<name>"; "" */
	uint32_t scopes; /* of that token or person, enum http_scope bits */
	/*
	 * The person behind it: the id of who is signed in, or of who made the token; "": none. Two requests of one
	 * person are never a second pair of eyes, whatever the tokens are called.
	 */
	const char *person;
	const struct session *session; /* fleet/store/sessions.h; NULL: by token, or by nobody */
	bool page;                     /* the route is a page: problems become pages */
};

/* What a token allows. */
enum http_scope {
	SCOPE_READ = 1,     /* see everything */
	SCOPE_HOSTS = 2,    /* change and revoke hosts, enrolment tokens */
	SCOPE_ROLLOUTS = 4, /* create and command rollouts */
	SCOPE_APPROVE = 8,  /* approve other people's rollouts */
	SCOPE_ADMIN = 16,   /* tokens, webhooks, settings, audit log */
	SCOPE_METRICS = 32, /* /metrics alone */
};

/* The value, or NULL. */
const char *http_query(const struct http_request *req, const char *name);
const char *http_header(const struct http_request *req, const char *name); /* lower case */

struct http_response {
	unsigned status;
	const char *type; /* static; "application/json" */
	struct buf body;
	struct http_pair headers[HTTP_HEADERS_MAX]; /* names static, values owned */
	size_t n_headers;
	/* In the place of body: @file_len bytes from @file_off of a descriptor that is owned. */
	bool is_file;
	int fd;
	uint64_t file_off, file_len;
};

void http_response_clear(struct http_response *res); /* also the guard */

/* Adds or replaces; a cookie replaces that of its name alone. Values with control characters are refused: OAK_E_FORMAT. */
int http_set_header(struct http_response *res, const char *name, const char *value) _must_check_;

/* 200 or @status with the document; takes @json. Out of memory becomes a 500. */
void http_json(struct http_response *res, unsigned status, json_t *json);

/*
 * application/problem+json (RFC 9457): {"type":"about:blank" or a path of docs, "title", "status", "detail",
 * "instance": request id, "code": @code}. @code: a stable word, "not-found".
 */
void http_problem(const struct http_request *req, struct http_response *res, unsigned status,
		  const char *code, const char *fmt, ...) _printf_(5, 6);

/* The same for an error: REFUSED 409, NOTFOUND 404, FORMAT and USAGE 400, TOOLARGE 413, AGAIN 503, else 500. */
void http_fail(const struct http_request *req, struct http_response *res,
	       const struct oak_error *err);

/*
 * A request without a socket, for tests of routes: parsed as one from the wire. Strings are borrowed until
 * http_request_free(). @headers: "Name: value"; NULL at the end.
 */
struct http_given {
	const char *method, *target; /* "/api/v1/hosts?ring=a%20b" */
	const char *headers[HTTP_HEADERS_MAX + 1];
	const void *body;
	size_t len;
	const char *peer, *who; /* NULL: "127.0.0.1", "" */
	uint32_t scopes;
	int64_t now_s;
	const char *person;            /* NULL: "" */
	const struct session *session; /* NULL: none */
};
int http_request_make(const struct http_given *given, struct http_request **ret,
		      struct oak_error *err) _must_check_;
void http_request_free(struct http_request *req); /* NULL is fine; also the guard */
DEFINE_CLEANUP(struct http_request *, http_request_free)

#endif
