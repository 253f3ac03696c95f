/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tokens: for the API; what may hold one, and since when. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define TOKENS "/api/v1/tokens"

static const char *const times[] = { "created", "expires", "revoked", NULL };

static const struct {
	const char *name, *what;
} scopes[] = {
	{ "read", "see everything but people, tokens, webhooks and the audit log" },
	{ "hosts", "change and revoke hosts, enrol" },
	{ "rollouts", "make and command rollouts, stop everything" },
	{ "approve", "approve other people's rollouts" },
	{ "admin", "people, tokens, webhooks, the audit log" },
	{ "metrics", "/metrics alone" },
};

static int add_state(json_t *t, int64_t now_s)
{
	int64_t expires = view_int(t, "expires");
	const char *state = view_int(t, "revoked")        ? "revoked"
			    : expires && expires <= now_s ? "expired"
							  : "open";
	bool bad = false, open = strcmp(state, "open") == 0;

	view_set(t, "badge", web_badge(open ? "good" : "off", state), &bad);
	view_set(t, "open", json_boolean(open), &bad);
	return bad ? -1 : 0;
}

static json_t *choices(void)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (json_array_append_new(list, json_pack("{s:s, s:s}", "value", scopes[i].name,
							  "what", scopes[i].what)) < 0)
			return NULL;
	return take_ptr(list);
}

static void show(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, unsigned status, const json_t *made)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, TOKENS);
	json_t *list = json_object_get(view, "tokens"), *token;
	bool bad = false;
	size_t i;

	if (!view)
		return;
	bad = deed_times(list, times, req->now_s) < 0;
	json_array_foreach(list, i, token) if (add_state(token, req->now_s) < 0) bad = true;
	view_set(view, "choices", choices(), &bad);
	view_set(view, "error", json_string(made && status >= 400 ? deed_detail(made) : ""), &bad);
	view_set(view, "secret", json_string(status == 201 ? view_str(made, "token") : ""), &bad);
	view_set(view, "secret_of", json_string(view_str(made, "name")), &bad);
	page_send(seat, req, res, status,
		  (struct page){ .template = "tokens",
				 .title = "Tokens",
				 .nav = "tokens",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_tokens(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	show(seat, req, res, 200, NULL);
}

void web_tokens_create(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res), *made = NULL;
	unsigned status;

	if (!form)
		return;
	status = web_call(seat, req, "POST", TOKENS,
			  json_pack("{s:s, s:o, s:I}", "name", form_text(form, "name"), "scopes",
				    deed_all(form, "scopes"), "expires",
				    (json_int_t)deed_expires(form, req->now_s)),
			  &made);
	show(seat, req, res, status, made);
}

void web_tokens_revoke(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	_cleanup_(freep) char *target = deed_item(req, TOKENS "/", "");

	deed_do(seat, req, res,
		&(struct deed){ .method = "DELETE",
				.target = target,
				.to = "/tokens",
				.good = "The token was revoked." });
}
