/* SPDX-License-Identifier: GPL-2.0-or-later */
/* enrolment: tokens by which hosts come in, and what to type on a host. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define TOKENS "/api/v1/enrol-tokens"

static const char *const times[] = { "created", "expires", "revoked", NULL };

/* "open", or why nobody can come in by it any more. */
static const char *state_of(const json_t *t, int64_t now_s)
{
	int64_t expires = view_int(t, "expires"), uses = view_int(t, "uses");

	if (view_int(t, "revoked"))
		return "revoked";
	if (expires && expires <= now_s)
		return "expired";
	return uses && view_int(t, "used") >= uses ? "used up" : "open";
}

static int add_state(json_t *t, int64_t now_s)
{
	const char *state = state_of(t, now_s);
	bool bad = false, open = strcmp(state, "open") == 0;

	view_set(t, "badge", web_badge(open ? "good" : "off", state), &bad);
	view_set(t, "open", json_boolean(open), &bad);
	return bad ? -1 : 0;
}

/* @made: the answer that has the secret; NULL. */
static void show(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, unsigned status, const json_t *made, const json_t *form)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, TOKENS);
	json_t *list = json_object_get(view, "enrol_tokens"), *token;
	char url[DEED_URL];
	bool bad = false;
	size_t i;

	if (!view)
		return;
	bad = deed_times(list, times, req->now_s) < 0;
	json_array_foreach(list, i, token) if (add_state(token, req->now_s) < 0) bad = true;
	view_set(view, "url", json_string(deed_url(seat, req, url)), &bad);
	view_set(view, "name", json_string(form_text(form, "name")), &bad);
	view_set(view, "ring", json_string(form_text(form, "ring")), &bad);
	view_set(view, "tags", json_string(form_text(form, "tags")), &bad);
	view_set(view, "error", json_string(made && status >= 400 ? deed_detail(made) : ""), &bad);
	view_set(view, "secret", json_string(status == 201 ? view_str(made, "token") : ""), &bad);
	view_set(view, "secret_of", json_string(view_str(made, "name")), &bad);
	page_send(seat, req, res, status,
		  (struct page){ .template = "enrolment",
				 .title = "Enrolment",
				 .nav = "enrolment",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_enrolment(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res)
{
	show(seat, req, res, 200, NULL, NULL);
}

void web_enrolment_create(struct worker_seat *seat, const struct http_request *req,
			  struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res), *made = NULL, *body = NULL;
	const char *ring = form_text(form, "ring");
	unsigned status;

	if (!form)
		return;
	body = json_pack("{s:s, s:o, s:b, s:o, s:I}", "name", form_text(form, "name"), "tags",
			 deed_words(form_text(form, "tags")), "own_tags",
			 (int)(*form_text(form, "own_tags") != '\0'), "uses",
			 deed_number(form_text(form, "uses")), "expires",
			 (json_int_t)deed_expires(form, req->now_s));
	if (body && *ring && json_object_set_new(body, "ring", json_string(ring)) < 0)
		status = 500;
	else
		status = web_call(seat, req, "POST", TOKENS, take_ptr(body), &made);
	show(seat, req, res, status, made, form);
}

void web_enrolment_revoke(struct worker_seat *seat, const struct http_request *req,
			  struct http_response *res)
{
	_cleanup_(freep) char *target = deed_item(req, TOKENS "/", "");

	deed_do(seat, req, res,
		&(struct deed){ .method = "DELETE",
				.target = target,
				.to = "/enrolment",
				.good = "The token was revoked; hosts that came with it stay." });
}
