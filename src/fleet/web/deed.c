/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/deed.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/words.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/web/view.h"

json_t *deed_form(const struct http_request *req, struct http_response *res)
{
	struct oak_error err = { 0 };
	json_t *form = NULL;

	if (form_parse(req->body, req->len, &form, &err) < 0) {
		page_problem(req, res, 400, err.msg);
		return NULL;
	}
	return form;
}

const char *deed_detail(const json_t *answer)
{
	const char *detail = json_get_str(answer, "detail");

	if (!detail || !*detail)
		detail = json_get_str(answer, "title");
	return detail && *detail ? detail : "The server did not say why.";
}

json_t *deed_ask(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, const char *target)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;
	unsigned status = target ? web_call(seat, req, "GET", target, NULL, &answer) : 500;

	if (status == 200 && answer)
		return take_ptr(answer);
	page_problem(req, res, status == 200 ? 500 : status, deed_detail(answer));
	return NULL;
}

void deed_do(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
	     const struct deed *d)
{
	_cleanup_(json_decrefp) json_t *answer = NULL, *body = d->body;
	unsigned status = 500;

	if (d->target)
		status = web_call(seat, req, d->method, d->target, take_ptr(body), &answer);
	if (status >= 200 && status < 300)
		page_go(req, res, d->to, true, d->good);
	else
		page_go(req, res, d->to, false, deed_detail(answer));
}

bool deed_is_sure(const struct http_request *req, struct http_response *res, const json_t *form,
		  const char *to)
{
	if (strcmp(form_text(form, "sure"), "yes") == 0)
		return true;
	page_go(req, res, to, false, "Nothing was done: tick the box that says you are sure.");
	return false;
}

char *deed_target(const char *before, const char *id, const char *after)
{
	_cleanup_(buf_free) struct buf b = { 0 }, q = { 0 };

	/* "?x=<encoded>": the one encoder there is. */
	if (web_add_query(&q, "x", id) < 0 || buf_add_str(&b, before) < 0 ||
	    (q.len && buf_add_str(&b, buf_str(&q) + 3) < 0) || buf_add_str(&b, after) < 0)
		return NULL;
	return (char *)buf_take(&b, NULL);
}

char *deed_who(const char *who, char buf[DEED_WHO])
{
	const char *colon = who ? strchr(who, ':') : NULL;

	if (!who || !*who)
		(void)snprintf(buf, DEED_WHO, "the server");
	else if (strncmp(who, "user:", 5) == 0)
		(void)snprintf(buf, DEED_WHO, "%s", who + 5);
	else if (colon)
		(void)snprintf(buf, DEED_WHO, "%.*s %s", (int)(colon - who), who, colon + 1);
	else
		(void)snprintf(buf, DEED_WHO, "%s", who);
	return buf;
}

json_t *deed_words(const char *text)
{
	static const char between[] = " ,;\t\r\n";
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
		size_t len = strcspn(at, between);

		if (json_array_append_new(list, json_stringn(at, len)) < 0)
			return NULL;
		at += len;
	}
	return take_ptr(list);
}

int deed_times(json_t *rows, const char *const *names, int64_t now_s)
{
	bool bad = false;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		for (const char *const *name = names; *name; name++) {
			int64_t at = view_int(row, *name);
			char text[64], full[64];

			(void)snprintf(text, sizeof(text), "%.40s_text", *name);
			(void)snprintf(full, sizeof(full), "%.40s_at", *name);
			view_set(row, text, at ? view_ago(at, now_s) : json_string(""), &bad);
			view_set(row, full, at ? view_time(at) : json_string(""), &bad);
		}
	}
	return bad ? -1 : 0;
}

int64_t deed_expires(const json_t *form, int64_t now_s)
{
	uint32_t s = 0;

	return duration_parse(form_text(form, "for"), &s) == 0 && s ? now_s + s : 0;
}

/* The header Host is the asker's own word: it is shown to the asker alone, as text. */
char *deed_url(const struct worker_seat *seat, const struct http_request *req, char buf[DEED_URL])
{
	const struct server_settings *s = seat->fleet ? seat->fleet->settings : NULL;
	const char *host = http_header(req, "host");

	if (s && s->url)
		(void)snprintf(buf, DEED_URL, "%s", s->url);
	else
		(void)snprintf(buf, DEED_URL, "https://%s",
			       host && *host ? host : "oakum.example.org:8443");
	return buf;
}

char *deed_item(const struct http_request *req, const char *before, const char *after)
{
	return deed_target(before, req->params[0], after);
}

json_t *deed_all(const json_t *form, const char *name)
{
	json_t *v = json_object_get(form, name);

	if (json_is_array(v))
		return json_incref(v);
	return v ? json_pack("[O]", v) : json_array();
}

json_t *deed_number(const char *text)
{
	size_t len = strlen(text);
	json_int_t n = 0;

	if (len > 10 || strspn(text, "0123456789") != len)
		return json_string(text);
	for (const char *at = text; *at; at++)
		n = n * 10 + (*at - '0');
	return json_integer(n);
}
