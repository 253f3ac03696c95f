/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_request_make(): a request that never was on a wire. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fleet/http/http.h"
#include "fleet/http/target.h"

struct made {
	struct http_request req; /* first: http_request_free() gets its address */
	struct http_target target;
	char *text;
	struct http_pair headers[HTTP_HEADERS_MAX];
	char *lines[HTTP_HEADERS_MAX];
};

void http_request_free(struct http_request *req)
{
	struct made *m = (struct made *)req;

	if (!m)
		return;
	for (size_t i = 0; i < HTTP_HEADERS_MAX; i++)
		free(m->lines[i]);
	free(m->text);
	free(m);
}

static int add_header(struct made *m, const char *text, struct oak_error *err)
{
	size_t n = m->req.n_headers;
	char *value;

	m->lines[n] = strdup(text);
	value = m->lines[n] ? strchr(m->lines[n], ':') : NULL;
	if (!value)
		return oak_fail(err, OAK_E_FORMAT, "%s: no header", text);
	*value++ = '\0';
	value += strspn(value, " ");
	for (char *s = m->lines[n]; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	m->headers[n] = (struct http_pair){ m->lines[n], value };
	m->req.n_headers++;
	return 0;
}

static void fill(struct made *m, const struct http_given *given)
{
	m->req.method = given->method;
	m->req.path = m->target.path;
	m->req.query = m->target.query;
	m->req.n_query = m->target.n_query;
	m->req.headers = m->headers;
	m->req.body = given->body;
	m->req.len = given->len;
	m->req.now_s = given->now_s;
	m->req.who = given->who ? given->who : "";
	m->req.scopes = given->scopes;
	m->req.person = given->person ? given->person : "";
	m->req.session = given->session;
	(void)snprintf(m->req.peer, sizeof(m->req.peer), "%s",
		       given->peer ? given->peer : "127.0.0.1");
	(void)snprintf(m->req.id, sizeof(m->req.id), "%032x", 1u);
}

int http_request_make(const struct http_given *given, struct http_request **ret,
		      struct oak_error *err)
{
	_cleanup_(http_request_freep) struct http_request *req = NULL;
	struct made *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	req = &m->req;
	m->text = strdup(given->target);
	if (!m->text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = http_target_parse(m->text, &m->target, err);
	if (r < 0)
		return r;
	fill(m, given);
	for (size_t i = 0; i < HTTP_HEADERS_MAX && given->headers[i]; i++) {
		r = add_header(m, given->headers[i], err);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(req);
	return 0;
}
