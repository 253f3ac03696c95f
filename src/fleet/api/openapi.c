/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/api/routes.h"

#define SCHEMAS_MAX (1u << 20)

static const char schemas_text[] =
#include "fleet/schemas.inc"
	;

static const struct {
	uint32_t bit;
	const char *name;
} scopes[] = {
	{ SCOPE_READ, "read" },       { SCOPE_HOSTS, "hosts" }, { SCOPE_ROLLOUTS, "rollouts" },
	{ SCOPE_APPROVE, "approve" }, { SCOPE_ADMIN, "admin" }, { SCOPE_METRICS, "metrics" },
};

/* NULL anywhere becomes NULL at the end: jansson's functions take it. */
static json_t *ref_of(const char *schema)
{
	char ref[128];

	(void)snprintf(ref, sizeof(ref), "#/components/schemas/%s", schema);
	return json_pack("{s:s}", "$ref", ref);
}

static json_t *content_of(const char *type, const char *schema)
{
	return json_pack("{s:{s:o}}", type, "schema", ref_of(schema));
}

static bool is_write(const struct route *r)
{
	return strcmp(r->method, "GET") != 0;
}

/* "get-hosts-id" of GET /api/v1/hosts/{id} */
static void operation_id(const struct route *r, char *ret, size_t size)
{
	const char *path = r->pattern + strlen("/api/v1");
	size_t n = 0;

	for (const char *p = r->method; *p && n + 1 < size; p++)
		ret[n++] = (char)tolower((unsigned char)*p);
	for (; *path && n + 1 < size; path++)
		if (*path != '{' && *path != '}')
			ret[n++] = (char)(*path == '/' || *path == '.' ? '-' : *path);
	ret[n] = '\0';
}

static json_t *parameter(const char *where, const char *name, const char *type, const char *help)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", name, "in", where, "required",
			 strcmp(where, "path") == 0, "description", help, "schema", "type", type);
}

/* The words in braces of the pattern. */
static void add_path_parameters(const struct route *r, json_t *list)
{
	for (const char *p = strchr(r->pattern, '{'); p; p = strchr(p + 1, '{')) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(p + 1, "}"), p + 1);
		(void)json_array_append_new(list, parameter("path", name, "string", "which one"));
	}
}

static json_t *parameters(const struct route *r)
{
	json_t *list = json_array();

	add_path_parameters(r, list);
	for (const struct route_query *q = r->query; q && q->name; q++)
		(void)json_array_append_new(list, parameter("query", q->name, q->type, q->help));
	if (is_write(r))
		(void)json_array_append_new(
			list, parameter("header", "Idempotency-Key", "string",
					"the same key again, within a day: the same answer, and"
					" nothing is done twice"));
	if (is_write(r) && r->gives && strchr(r->pattern, '{'))
		(void)json_array_append_new(list, parameter("header", "If-Match", "string",
							    "only if it still has this ETag"));
	if (!is_write(r))
		(void)json_array_append_new(list, parameter("header", "If-None-Match", "string",
							    "304 where it still has this ETag"));
	return list;
}

static json_t *responses(const struct route *r)
{
	json_t *all = json_object();
	const char *type = r->kind == ROUTE_STREAM ? "text/event-stream" : "application/json";

	if (r->gives)
		(void)json_object_set_new(all, "2XX",
					  json_pack("{s:s, s:o}", "description", "done", "content",
						    content_of(type, r->gives)));
	else
		(void)json_object_set_new(all, "204", json_pack("{s:s}", "description", "done"));
	if (!is_write(r) && r->kind != ROUTE_STREAM)
		(void)json_object_set_new(all, "304",
					  json_pack("{s:s}", "description", "nothing has changed"));
	(void)json_object_set_new(all, "default",
				  json_pack("{s:s, s:o}", "description",
					    "a problem, as RFC 9457 has it", "content",
					    content_of("application/problem+json", "Problem")));
	return all;
}

static json_t *security(const struct route *r)
{
	json_t *names = json_array(), *list = json_array();

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (r->scope & scopes[i].bit)
			(void)json_array_append_new(names, json_string(scopes[i].name));
	if (r->scope)
		(void)json_array_append_new(list, json_pack("{s:O}", "token", names));
	json_decref(names);
	return list;
}

static json_t *operation(const struct route *r)
{
	char id[128];
	json_t *op;

	operation_id(r, id, sizeof(id));
	op = json_pack("{s:s, s:s, s:o, s:o, s:o}", "operationId", id, "summary", r->summary,
		       "parameters", parameters(r), "responses", responses(r), "security",
		       security(r));
	if (op && r->takes)
		(void)json_object_set_new(op, "requestBody",
					  json_pack("{s:b, s:o}", "required", 1, "content",
						    content_of("application/json", r->takes)));
	return op;
}

static int add_path(json_t *paths, const struct route *r, struct oak_error *err)
{
	json_t *path = json_object_get(paths, r->pattern), *op = operation(r);
	char method[8];
	size_t n = 0;

	for (; r->method[n] && n + 1 < sizeof(method); n++)
		method[n] = (char)tolower((unsigned char)r->method[n]);
	method[n] = '\0';
	if (!path && json_object_set_new(paths, r->pattern, json_object()) == 0)
		path = json_object_get(paths, r->pattern);
	if (json_object_set_new(path, method, op) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int openapi_document(const struct route *routes, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *schemas = NULL, *paths = json_object();
	int r = json_parse(schemas_text, sizeof(schemas_text) - 1, SCHEMAS_MAX, "schemas.json",
			   &schemas, err);

	for (; r == 0 && routes->method; routes++)
		r = add_path(paths, routes, err);
	if (r < 0)
		return r;
	*ret = json_pack(
		"{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:O, s:{s:O, s:{s:{s:s, s:s, s:s}}}}",
		"openapi", "3.1.0", "info", "title", "Oakum fleet server", "version", OAK_VERSION,
		"description",
		"Hosts, rollouts and tokens of a fleet. Times are seconds since the epoch; a list has"
		" the member \"next\", which is the parameter \"after\" of its next page.",
		"license", "name", "GPL-2.0-or-later", "identifier", "GPL-2.0-or-later", "servers",
		"url", "/", "paths", paths, "components", "schemas", schemas, "securitySchemes",
		"token", "type", "http", "scheme", "bearer", "description",
		"oakum-api-<id>-<secret>; the names beside it are the scopes that are asked for");
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

void api_openapi(struct fleet *fleet, const struct http_request *req, struct http_response *res)
{
	struct oak_error err = { .code = OAK_OK };
	json_t *doc = NULL;

	(void)fleet;
	if (openapi_document(routes_api, &doc, &err) < 0)
		http_fail(req, res, &err);
	else
		http_json(res, 200, doc);
}
