/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fleet/web/page.h"

static const char *find(const struct http_pair *pairs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(pairs[i].name, name) == 0)
			return pairs[i].value;
	return NULL;
}

const char *http_query(const struct http_request *req, const char *name)
{
	return find(req->query, req->n_query, name);
}

const char *http_header(const struct http_request *req, const char *name)
{
	return find(req->headers, req->n_headers, name);
}

static void value_free(struct http_pair *p)
{
	free((char *)(uintptr_t)p->value); /* owned: http_set_header() made it */
	*p = (struct http_pair){ 0 };
}

void http_response_clear(struct http_response *res)
{
	for (size_t i = 0; i < res->n_headers; i++)
		value_free(&res->headers[i]);
	buf_free(&res->body);
	if (res->is_file)
		(void)close(res->fd);
	*res = (struct http_response){ 0 };
}

static bool value_is_fine(const char *value)
{
	for (const unsigned char *s = (const unsigned char *)value; *s; s++)
		if ((*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

/* Cookies of several names stand beside each other; all else is there once. */
static bool is_same(const struct http_pair *have, const char *name, const char *value)
{
	size_t len = strcspn(value, "=");

	if (strcmp(have->name, name) != 0)
		return false;
	return strcmp(name, "Set-Cookie") != 0 || strncmp(have->value, value, len + 1) == 0;
}

int http_set_header(struct http_response *res, const char *name, const char *value)
{
	struct http_pair *at = &res->headers[res->n_headers];
	char *copy;

	if (!value_is_fine(value))
		return -OAK_E_FORMAT;
	for (size_t i = 0; i < res->n_headers; i++)
		if (is_same(&res->headers[i], name, value))
			at = &res->headers[i];
	if (at == &res->headers[HTTP_HEADERS_MAX])
		return -OAK_E_TOOLARGE;
	copy = strdup(value);
	if (!copy)
		return -OAK_E_NOMEM;
	if (at == &res->headers[res->n_headers])
		res->n_headers++;
	else
		value_free(at);
	*at = (struct http_pair){ name, copy };
	return 0;
}

/* The body alone; headers that were set stay (WWW-Authenticate, Allow, Retry-After). */
static void set_body(struct http_response *res, unsigned status, const char *type, char *text)
{
	buf_free(&res->body);
	res->status = status;
	res->type = type;
	if (!text || buf_add_str(&res->body, text) < 0) {
		buf_free(&res->body);
		res->status = 500;
	}
	free(text);
}

void http_json(struct http_response *res, unsigned status, json_t *json)
{
	set_body(res, status, "application/json", json ? json_dumps(json, JSON_COMPACT) : NULL);
	json_decref(json);
}

static const char *status_title(unsigned status)
{
	static const struct {
		unsigned status;
		const char *title;
	} rows[] = {
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].title;
	return "Error";
}

void http_problem(const struct http_request *req, struct http_response *res, unsigned status,
		  const char *code, const char *fmt, ...)
{
	char detail[OAK_ERROR_MSG_MAX];
	json_t *json;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	if (req->page) {
		page_problem(req, res, status, detail);
		return;
	}
	/* Text that was cut in the middle of a character, or that came from elsewhere: not all is UTF-8. */
	json = json_pack("{ss,ss,si,so,ss,ss}", "type", "about:blank", "title",
			 status_title(status), "status", (int)status, "detail",
			 json_string(detail) ?: json_string("the message is not UTF-8"), "code",
			 code, "instance", req->id);
	http_json(res, status, json);
	res->type = "application/problem+json";
}

void http_fail(const struct http_request *req, struct http_response *res,
	       const struct oak_error *err)
{
	static const struct {
		enum oak_code code;
		unsigned status;
		const char *word;
	} rows[] = {
		{ OAK_E_REFUSED, 409, "refused" },    { OAK_E_NOTFOUND, 404, "not-found" },
		{ OAK_E_FORMAT, 400, "malformed" },   { OAK_E_USAGE, 400, "malformed" },
		{ OAK_E_TOOLARGE, 413, "too-large" }, { OAK_E_AGAIN, 503, "again" },
	};
	char wait[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code != err->code)
			continue;
		(void)snprintf(wait, sizeof(wait), "%u", err->retry_s ? err->retry_s : 5);
		if (rows[i].status == 503)
			(void)!http_set_header(res, "Retry-After", wait);
		http_problem(req, res, rows[i].status, rows[i].word, "%s", err->msg);
		return;
	}
	http_problem(req, res, 500, "internal", "%s", err->msg);
}
