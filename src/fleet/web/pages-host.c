/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host: what it runs, what it says, why it waits; and what may be done about it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/host-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define HISTORY "?limit=200"

static unsigned ask_host(struct worker_seat *seat, const struct http_request *req, const char *more,
			 json_t **ret)
{
	_cleanup_(buf_free) struct buf target = { 0 };

	if (buf_printf(&target, "/api/v1/hosts/%s%s", req->params[0], more))
		return 500;
	return web_call(seat, req, "GET", buf_str(&target), NULL, ret);
}

/* What else there is to say may be refused, or not be there: then it is not said. */
static json_t *ask_beside(struct worker_seat *seat, const struct http_request *req,
			  const char *path, const char *name, const char *value)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL;

	if (buf_add_str(&target, path) || web_add_query(&target, name, value) ||
	    web_call(seat, req, "GET", buf_str(&target), NULL, &answer) != 200)
		return NULL;
	return take_ptr(answer);
}

static json_t *timeline_of(struct worker_seat *seat, const struct http_request *req, const char *id)
{
	_cleanup_(json_decrefp) json_t *history = NULL, *timeline = NULL, *audit = NULL;

	if (ask_host(seat, req, "/history" HISTORY, &history) != 200)
		return json_array();
	timeline = host_timeline(json_object_get(history, "reports"), req->now_s);
	if (!(req->scopes & SCOPE_ADMIN) || !timeline)
		return take_ptr(timeline);
	audit = ask_beside(seat, req, "/api/v1/audit", "subject", id);
	return host_timeline_deeds(timeline, json_object_get(audit, "entries"), req->now_s);
}

static json_t *rollouts_of(struct worker_seat *seat, const struct http_request *req,
			   const json_t *host)
{
	_cleanup_(buf_free) struct buf path = { 0 };
	_cleanup_(json_decrefp) json_t *decision = NULL;

	/* A ring is a word: it needs no encoding. */
	if (buf_printf(&path, "/api/v1/decisions/%s", view_str(host, "ring")))
		return NULL;
	decision = ask_beside(seat, req, buf_str(&path), NULL, NULL);
	return host_rollouts(host, decision);
}

static json_t *rings_of(struct worker_seat *seat, const struct http_request *req)
{
	_cleanup_(json_decrefp) json_t *answer = ask_beside(seat, req, "/api/v1/rings", NULL, NULL);
	json_t *rings = json_object_get(answer, "rings");

	return rings ? json_incref(rings) : json_array();
}

static json_t *view_of(struct worker_seat *seat, const struct http_request *req, const json_t *host)
{
	_cleanup_(json_decrefp) json_t *view = host_view(host, req->now_s);
	bool bad = !view;

	view_set(view, "timeline", timeline_of(seat, req, view_str(host, "id")), &bad);
	view_set(view, "rollouts", rollouts_of(seat, req, host), &bad);
	view_set(view, "rings", rings_of(seat, req), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_host(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *host = NULL;
	unsigned status = ask_host(seat, req, "", &host);
	const char *name = view_str(host, "name");

	if (status != 200) {
		page_problem(req, res, status, view_str(host, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "host",
				 .title = name[0] ? name : view_str(host, "id"),
				 .nav = "hosts",
				 .view = view_of(seat, req, host) });
}

/* Words with blanks or commas between. */
static json_t *words_of(const char *text)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (text += strspn(text, " \t\r\n,"); *text; text += strspn(text, " \t\r\n,")) {
		size_t len = strcspn(text, " \t\r\n,");

		if (json_array_append_new(list, json_stringn(text, len)))
			return NULL;
		text += len;
	}
	return take_ptr(list);
}

/* A POST to the host's own part of the API; back to its page with what came of it. */
static void act(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
		const char *method, const char *verb, json_t *body, const char *done)
{
	_cleanup_(buf_free) struct buf target = { 0 }, page = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL;
	unsigned status = 500;

	if (!buf_printf(&target, "/api/v1/hosts/%s%s", req->params[0], verb) &&
	    !buf_printf(&page, "/hosts/%s", req->params[0]))
		status = web_call(seat, req, method, buf_str(&target), take_ptr(body), &answer);
	json_decref(body);
	if (status == 403 || status == 404 || status >= 500)
		page_problem(req, res, status, view_str(answer, "detail"));
	else
		page_go(req, res, buf_str(&page), status < 300,
			status < 300 ? done : view_str(answer, "detail"));
}

void web_host_change(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = NULL;
	struct oak_error err = { 0 };
	const char *tags;

	if (form_parse(req->body, req->len, &form, &err) < 0) {
		page_problem(req, res, 400, err.msg);
		return;
	}
	/* Tags that are left as they were stay the host's own to say. */
	tags = strcmp(form_text(form, "tags"), form_text(form, "tags_before"))
		       ? form_text(form, "tags")
		       : NULL;
	act(seat, req, res, "PATCH", "",
	    json_pack("{s:s, s:o*}", "ring", form_text(form, "ring"), "tags",
		      tags ? words_of(tags) : NULL),
	    "The host was changed.");
}

void web_host_revoke(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	act(seat, req, res, "POST", "/revoke", NULL,
	    "The host was revoked: it reports no more, and asks for nothing.");
}

void web_host_trust(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res)
{
	act(seat, req, res, "POST", "/trust", NULL, "The host is trusted again.");
}
