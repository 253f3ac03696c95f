/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route: the table of what the server answers. A request is matched to a row, its token checked against the
 * row's scope, its size against the row's limit, before the row's function is called.
 *
 *	ROUTE_MEMORY  on the thread of the connection: must not block, must not touch the database
 *	ROUTE_WORK    by one of some worker threads, each with a connection to the database
 *	ROUTE_BATCH   many at once, by one thread with a connection: reports
 *	ROUTE_STREAM  server-sent events
 */
#ifndef OAK_FLEET_HTTP_ROUTE_H
#define OAK_FLEET_HTTP_ROUTE_H

#include "fleet/db/db.h"
#include "fleet/http/http.h"

struct fleet;  /* what all threads share: fleet/fleet.h */
struct stream; /* fleet/http/stream.h */

/* What a worker thread has. */
struct worker_seat {
	struct fleet *fleet;
	struct db *db;
};

struct http_exchange {
	const struct http_request *req;
	struct http_response *res;
};

enum route_kind {
	ROUTE_MEMORY,
	ROUTE_WORK,
	ROUTE_BATCH,
	ROUTE_STREAM
};

struct route {
	const char *method;
	const char *pattern; /* "/api/v1/hosts/{id}"; "*" at the end: any rest, as the last param */
	enum route_kind kind;
	uint32_t scope; /* one bit of enum http_scope; 0: no token is asked for */
	/*
	 * A page of the dashboard: whoever is not signed in is led to /login, problems are pages. A request
	 * by cookie that is neither GET nor HEAD wants the session's "csrf", as a field of the form or as the header
	 * Oakum-Csrf, and an Origin of ours; that holds for the API too. Pages know cookies alone, no tokens; without a
	 * scope anybody who is signed in may see them. With the header Oakum-Part, who is not signed in gets 401.
	 */
	bool page;
	/*
	 * A page that wants nobody signed in: sign-in itself, assets. It sees a session where there is one (but those of
	 * ROUTE_MEMORY), also one that is not SESSION_FULL; a request that changes something and does not show the
	 * session's csrf is taken as one of nobody. An answer of 401 or 429 counts as a wrong token does.
	 */
	bool open;
	uint32_t body_max; /* bytes; 0: HTTP_BODY_MAX */
	void (*memory)(struct fleet *fleet, const struct http_request *req,
		       struct http_response *res);
	void (*work)(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res);
	/* Answers each of them. */
	void (*batch)(struct worker_seat *seat, struct http_exchange *x, size_t n);
	/*
	 * By a worker, once. Either answers (res->status is not 0), or leaves it 0: the stream goes on, see
	 * fleet/http/stream.h.
	 */
	void (*stream)(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res, struct stream *s);
	/* For the OpenAPI document: one line, and names of schemas in docs/api/schemas.json. */
	const char *summary;
	const char *takes, *gives;       /* NULL: no body */
	const struct route_query *query; /* ends with a row without a name; NULL: none */
};

struct route_query {
	const char *name, *help;
	const char *type; /* of JSON schema: "string", "integer", "boolean" */
};

/* What a path and a method lead to. */
struct route_found {
	const struct route *route; /* NULL: none */
	unsigned status;           /* then: 404, 405, or 204 for OPTIONS */
	char allow[64];            /* of a path that exists: "GET, HEAD, PUT" */
	const char *params[HTTP_PARAMS_MAX];
};

/**
 * route_find() - the first row that fits; HEAD is GET
 * @tables: ends with NULL
 * @room:   as long as @path and its NUL; the params lie there
 *
 * Pure. Rows with literals stand before rows with {...} at the same place.
 */
void route_find(const struct route *const *tables, const char *method, const char *path, char *room,
		struct route_found *ret);

/*
 * All that a request goes through but sockets, queues and tokens (@req->scopes is believed): matching, scope,
 * size, the row's function. For tests of routes. Not for ROUTE_STREAM.
 */
void route_run(const struct route *const *tables, struct worker_seat *seat,
	       struct http_request *req, struct http_response *res);

/* Is a token with @have allowed where @want is asked for? SCOPE_READ includes SCOPE_METRICS. */
bool route_allowed(uint32_t want, uint32_t have);

/*
 * Whoever is signed in has shown a password or code within SESSION_PROOF_S, before he changes who may do what: rows of
 * SCOPE_ADMIN that are no GET. The API answers 403 "prove-again"; of a page, /prove?to=... comes first.
 */
#define ROUTE_PROVE                                                                                \
	"this changes who may do what, and your last sign-in was a while ago: show your password " \
	"or a code again, then do it once more"
bool route_proved(const struct route *route, const struct http_request *req);

/* Tables of routes, each of a part of the server; the last row has no method. */
extern const struct route routes_host[];    /* fleet/api/host-side.c: what hosts call */
extern const struct route routes_api[];     /* fleet/api/: /api/v1 */
extern const struct route routes_ops[];     /* fleet/ops/: /metrics, /healthz, /readyz */
extern const struct route routes_static[];  /* the repository's files */
extern const struct route routes_sign_in[]; /* fleet/people/: /login, /logout, /account, /oidc */
extern const struct route routes_web[];     /* fleet/web/: the pages of the dashboard, /assets */

#endif
