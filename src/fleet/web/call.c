/* SPDX-License-Identifier: GPL-2.0-or-later */
/* web_call(): the API, asked by the same process. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"

/* As a person and not as a page: what is refused is told as a problem document, which pages can read. */
static void ask_as(const struct http_request *req, struct http_request *ask)
{
	memcpy(ask->id, req->id, sizeof(ask->id));
	ask->person = req->person;
	ask->session = req->session;
	ask->page = false;
}

static unsigned failed(const char *why, json_t **ret)
{
	*ret = json_pack("{s:i, s:s, s:s}", "status", 500, "code", "internal", "detail", why);
	return 500;
}

unsigned web_call(struct worker_seat *seat, const struct http_request *req, const char *method,
		  const char *target, json_t *body, json_t **ret)
{
	static const struct route *const tables[] = { routes_api, NULL };
	_cleanup_(http_request_freep) struct http_request *ask = NULL;
	_cleanup_(http_response_clear) struct http_response res = { 0 };
	_cleanup_(json_decrefp) _unused_ json_t *taken = body;
	_cleanup_(freep) char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	const struct http_given given = {
		.method = method,
		.target = target,
		.body = text,
		.len = text ? strlen(text) : 0,
		.peer = req->peer,
		.who = req->who,
		.scopes = req->scopes,
		.now_s = req->now_s,
	};
	struct oak_error err = { 0 };

	*ret = NULL;
	if (body && !text)
		return failed("out of memory", ret);
	if (http_request_make(&given, &ask, &err) < 0)
		return failed(err.msg, ret);
	ask_as(req, ask);
	route_run(tables, seat, ask, &res);
	if (res.body.len)
		*ret = json_loadb((const char *)res.body.data, res.body.len, 0, NULL);
	return res.status;
}

static bool is_plain(unsigned char c)
{
	return isalnum(c) || strchr("-_.~", c);
}

static int add_encoded(struct buf *b, const char *s)
{
	int r = 0;

	for (; *s && r == 0; s++) {
		unsigned char c = (unsigned char)*s;

		r = is_plain(c) ? buf_add(b, s, 1) : buf_printf(b, "%%%02X", c);
	}
	return r;
}

int web_add_query(struct buf *target, const char *name, const char *value)
{
	int r;

	if (!value || !*value)
		return 0;
	r = buf_add_str(target, strchr(buf_str(target), '?') ? "&" : "?");
	if (r == 0)
		r = add_encoded(target, name);
	if (r == 0)
		r = buf_add_str(target, "=");
	return r < 0 ? r : add_encoded(target, value);
}
