/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api: what every route of /api/v1 does in the same way, so that a route is only its rows and what is
 * its own:
 *
 *   - query parameters that its row does not name are refused, numbers must be numbers;
 *   - a body is one JSON object, whose members are held to a table; a message names the member;
 *   - what changes something is one transaction with its audit entry, and with its Idempotency-Key: the
 *     answer is kept for a day and given again; the same key with another request is 422;
 *   - If-Match is compared with the ETag of what is there, within that transaction (412);
 *   - an answer to GET has an ETag, and If-None-Match is answered with 304.
 *
 * To add a route: a row in routes.c, its function in the file of its subject, its schemas in
 * docs/api/schemas.json, a case in tests/fleet/api.test.sh; then "docs/api/openapi.json" made again.
 */
#ifndef OAK_FLEET_API_API_H
#define OAK_FLEET_API_API_H

#include <jansson.h>

#include "base/cleanup.h"
#include "fleet/http/route.h"

#define API_KEY_MAX  128u /* of an Idempotency-Key, bytes */
#define API_KEY_KEPT 86400
#define API_PAGE_MAX 1000
#define API_PAGE     100
#define API_NAME_MAX 64
#define API_TAGS_MAX 32

/* How a member of a body must be. */
enum api_type {
	API_TEXT,   /* a line: no control characters; bytes between min and max */
	API_WORD,   /* the same of letters, digits and "._+~:=-" */
	API_NUMBER, /* between min and max */
	API_BOOL,
	API_WORDS, /* a list of at most max different words */
	API_ANY,   /* whoever takes it looks at it himself */
};

struct api_member {
	const char *name;
	enum api_type type;
	bool required;
	int64_t min, max;
};

/* One request, while it is answered. */
struct api_call {
	struct worker_seat *seat;
	struct db *db;
	const struct http_request *req;
	const json_t *body; /* an object that follows the table; NULL where the route takes none */
	json_t *answer;     /* put here by the route; NULL: no body */
	unsigned status; /* 0: 200, or 204 without an answer; of a failure: what the error's code says */
	const char *code; /* of a failure: the problem's word, where it is not the error's own */
	bool wake;        /* the director has something to do once this is committed */
};

/* Return: 0 with an answer, or -code. */
typedef int (*api_function)(struct api_call *c, struct oak_error *err);

struct api_op {
	api_function run;
	/* What If-Match is compared with: fills c->answer as GET would; NULL: it is not looked at. */
	api_function current;
	const struct route_query *query; /* of the row */
	const struct api_member *members; /* of the body; ends with a row without a name; NULL: none */
	bool writes;                      /* in a transaction */
	bool any_members;                 /* the body is looked at by run() alone */
	const char *secret;               /* member of the answer that is never kept; NULL */
};

void api_answer(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
		const struct api_op *op);

/* Defines the work() of a row: api_<name>(). */
#define API_ROUTE(name, ...)                                                      \
	static const struct api_op op_##name = { __VA_ARGS__ };                   \
	void api_##name(struct worker_seat *seat, const struct http_request *req, \
			struct http_response *res)                                \
	{                                                                         \
		api_answer(seat, req, res, &op_##name);                           \
	}

/* Parts of it that tests want alone. Pure. Errors: OAK_E_FORMAT. */
int api_check_members(const json_t *body, const struct api_member *members, struct oak_error *err)
	_must_check_;
int api_check_query(const struct http_request *req, const struct route_query *query,
		    struct oak_error *err) _must_check_;

/* Of a request that was checked. */
const char *api_text(const struct api_call *c, const char *member); /* NULL: not there */
int64_t api_number(const struct api_call *c, const char *member, int64_t otherwise);
bool api_bool(const struct api_call *c, const char *member);
int64_t api_query_number(const struct api_call *c, const char *name, int64_t otherwise);
int api_limit(const struct api_call *c, unsigned *ret, struct oak_error *err) _must_check_;
/* A yes-or-no parameter: 0 where it is absent, 1 for true, -1 for false. */
int api_tristate(const struct api_call *c, const char *name);

/* Writes the audit entry, and the event where @event is given. */
struct api_deed {
	const char *action, *subject;
	const char *event; /* type; NULL: none */
	json_t *detail;    /* taken; NULL: {} */
};
int api_did(struct api_call *c, const struct api_deed *deed, struct oak_error *err) _must_check_;

/* {"<name>": list, "next": cursor or null}; takes both. */
int api_page(struct api_call *c, const char *name, json_t *list, char *next, struct oak_error *err)
	_must_check_;

/* The answer of a GET; takes @json. */
int api_give(struct api_call *c, json_t *json, struct oak_error *err) _must_check_;

#endif
