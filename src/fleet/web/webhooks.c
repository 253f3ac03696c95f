/* SPDX-License-Identifier: GPL-2.0-or-later */
/* webhooks: who is called when something changes, and what came of the calls. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define WEBHOOKS "/api/v1/webhooks"

static const char *const times[] = { "created", NULL };
static const char *const delivery_times[] = { "created", "next", "done", NULL };

static json_t *line_of(const json_t *words)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	for (size_t i = 0; i < json_array_size(words); i++)
		if (buf_printf(&b, "%s%s", i ? ", " : "",
			       json_string_value(json_array_get(words, i))) < 0)
			return NULL;
	return json_string(buf_str(&b));
}

static int add_state(json_t *w)
{
	bool bad = false, on = json_is_true(json_object_get(w, "active"));
	char who[DEED_WHO];

	view_set(w, "badge", web_badge(on ? "good" : "off", on ? "on" : "off"), &bad);
	view_set(w, "events_text", line_of(json_object_get(w, "events")), &bad);
	view_set(w, "who_text", json_string(deed_who(view_str(w, "who"), who)), &bad);
	return bad ? -1 : 0;
}

static void show(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, unsigned status, const json_t *made, const json_t *form)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, WEBHOOKS);
	json_t *list = json_object_get(view, "webhooks"), *hook;
	bool bad = false;
	size_t i;

	if (!view)
		return;
	bad = deed_times(list, times, req->now_s) < 0;
	json_array_foreach(list, i, hook) if (add_state(hook) < 0) bad = true;
	view_set(view, "error", json_string(made && status >= 400 ? deed_detail(made) : ""), &bad);
	view_set(view, "secret", json_string(status == 201 ? view_str(made, "secret") : ""), &bad);
	view_set(view, "url_given", json_string(form_text(form, "url")), &bad);
	view_set(view, "events_given",
		 json_string(form ? form_text(form, "events") : "rollout.*, fleet.*"), &bad);
	page_send(seat, req, res, status,
		  (struct page){ .template = "webhooks",
				 .title = "Webhooks",
				 .nav = "webhooks",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_webhooks(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	show(seat, req, res, 200, NULL, NULL);
}

void web_webhooks_create(struct worker_seat *seat, const struct http_request *req,
			 struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res), *made = NULL;
	const char *format = form_text(form, "format");
	unsigned status;

	if (!form)
		return;
	status = web_call(seat, req, "POST", WEBHOOKS,
			  json_pack("{s:s, s:o, s:s}", "url", form_text(form, "url"), "events",
				    deed_words(form_text(form, "events")), "format",
				    *format ? format : "event"),
			  &made);
	show(seat, req, res, status, made, form);
}

static int add_delivery_state(json_t *d)
{
	const char *state = view_str(d, "state");
	const char *tone = strcmp(state, "delivered") == 0  ? "good"
			   : strcmp(state, "given-up") == 0 ? "bad"
							    : "busy";
	bool bad = false;

	view_set(d, "badge", web_badge(tone, state), &bad);
	return bad ? -1 : 0;
}

void web_webhook(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(freep) char *target = deed_item(req, WEBHOOKS "/", "");
	_cleanup_(freep) char *calls = deed_item(req, WEBHOOKS "/", "/deliveries?limit=50");
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, target), *answer = NULL;
	json_t *list, *delivery;
	bool bad = !calls;
	size_t i;

	if (!view)
		return;
	if (calls)
		(void)web_call(seat, req, "GET", calls, NULL, &answer);
	list = json_object_get(answer, "deliveries");
	if (add_state(view) < 0 || deed_times(list, delivery_times, req->now_s) < 0)
		bad = true;
	json_array_foreach(list, i, delivery) if (add_delivery_state(delivery) < 0) bad = true;
	view_set(view, "created_text", view_ago(view_int(view, "created"), req->now_s), &bad);
	view_set(view, "deliveries", list ? json_incref(list) : json_array(), &bad);
	page_send(seat, req, res, 200,
		  (struct page){ .template = "webhook",
				 .title = "Webhook",
				 .nav = "webhooks",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_webhook_change(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res);
	const char *what = form_text(form, "do");
	bool test = strcmp(what, "test") == 0, on = strcmp(what, "on") == 0;
	bool gone = strcmp(what, "delete") == 0;
	_cleanup_(freep) char *target = deed_item(req, WEBHOOKS "/", test ? "/test" : "");
	_cleanup_(freep) char *page = deed_item(req, "/webhooks/", "");
	struct deed d = { .target = target, .to = page ? page : "/webhooks" };

	if (!form || (gone && !deed_is_sure(req, res, form, d.to)))
		return;
	d.method = test ? "POST" : gone ? "DELETE" : "PATCH";
	if (gone)
		d.to = "/webhooks";
	if (!test && !gone)
		d.body = json_pack("{s:b}", "active", (int)on);
	d.good = test   ? "It is being called, with an event of the type \"test\"."
		 : gone ? "The webhook was deleted."
		 : on   ? "The webhook is on."
			: "The webhook is off.";
	deed_do(seat, req, res, &d);
}
