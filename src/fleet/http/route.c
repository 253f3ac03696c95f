/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/route.h"

#include <stdio.h>
#include <string.h>

#include "fleet/store/sessions.h"

/* The part of @path that stands at "{...}"; it is cut out in @room, which holds a copy of the path. */
static const char *take_param(char *room, const char *path, const char **at)
{
	char *param = room + (*at - path);
	size_t len = strcspn(*at, "/");

	if (!len)
		return NULL;
	param[len] = '\0';
	*at += len;
	return param;
}

/* Return: the number of params, or -1: it does not fit. */
static int match(const char *pattern, const char *path, char *room,
		 const char *params[HTTP_PARAMS_MAX])
{
	const char *at = path;
	int n = 0;

	for (const char *p = pattern; *p; p++) {
		if (*p == '*' && !p[1]) {
			params[n++] = room + (at - path);
			return n;
		}
		if (*p != '{') {
			if (*p != *at++)
				return -1;
			continue;
		}
		params[n] = take_param(room, path, &at);
		if (!params[n++])
			return -1;
		p += strcspn(p, "}");
	}
	return *at ? -1 : n;
}

static void add_allow(char allow[64], const char *method)
{
	size_t len = strlen(allow);

	if (strstr(allow, method))
		return;
	(void)snprintf(allow + len, 64 - len, "%s%s%s", len ? ", " : "", method,
		       strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void route_find(const struct route *const *tables, const char *method, const char *path, char *room,
		struct route_found *ret)
{
	const char *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;

	*ret = (struct route_found){ .status = 404 };
	for (size_t t = 0; tables[t]; t++) {
		for (const struct route *r = tables[t]; r->method; r++) {
			if (r->pattern[1] != path[1] && r->pattern[1] != '{' && r->pattern[1] != '*')
				continue;
			memcpy(room, path, strlen(path) + 1);
			if (match(r->pattern, path, room, ret->params) < 0)
				continue;
			if (strcmp(r->method, asked) == 0) {
				ret->route = r;
				return;
			}
			ret->status = strcmp(method, "OPTIONS") == 0 ? 204 : 405;
			add_allow(ret->allow, r->method);
		}
	}
}

bool route_allowed(uint32_t want, uint32_t have)
{
	return !want || (want & have) || ((want & SCOPE_METRICS) && (have & SCOPE_READ));
}

bool route_proved(const struct route *route, const struct http_request *req)
{
	if (!(route->scope & SCOPE_ADMIN) || !req->session || strcmp(req->method, "GET") == 0 ||
	    strcmp(req->method, "HEAD") == 0)
		return true;
	return req->now_s - req->session->proved_s < SESSION_PROOF_S;
}

static void run(const struct route *route, struct worker_seat *seat, const struct http_request *req,
		struct http_response *res)
{
	struct http_exchange x = { req, res };

	if (route->kind == ROUTE_MEMORY)
		route->memory(seat->fleet, req, res);
	else if (route->kind == ROUTE_WORK)
		route->work(seat, req, res);
	else if (route->kind == ROUTE_BATCH)
		route->batch(seat, &x, 1);
	else
		http_problem(req, res, 501, "stream", "this route wants a connection");
}

void route_run(const struct route *const *tables, struct worker_seat *seat,
	       struct http_request *req, struct http_response *res)
{
	_cleanup_(freep) char *room = malloc(strlen(req->path) + 1);
	struct route_found found;

	if (!room) {
		http_problem(req, res, 503, "memory", "out of memory");
		return;
	}
	route_find(tables, req->method, req->path, room, &found);
	if (!found.route) {
		http_problem(req, res, found.status, "not-found", "there is no such page");
		return;
	}
	if (!route_allowed(found.route->scope, req->scopes)) {
		http_problem(req, res, 403, "scope", "%s",
			     req->session ? "your role does not allow this"
					  : "the token does not allow this");
		return;
	}
	if (!route_proved(found.route, req)) {
		http_problem(req, res, 403, "prove-again", ROUTE_PROVE);
		return;
	}
	if (req->len > (found.route->body_max ? found.route->body_max : HTTP_BODY_MAX)) {
		http_problem(req, res, 413, "too-large", "the body is too large");
		return;
	}
	memcpy(req->params, found.params, sizeof(req->params));
	run(found.route, seat, req, res);
	memset(req->params, 0, sizeof(req->params)); /* they lie in @room */
}
