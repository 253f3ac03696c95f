/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings: how this server is set up. Read-only: it is changed in its file, by who may write that. */
#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

static json_t *span(int64_t s)
{
	char text[WEB_TEXT];

	return json_string(web_span(s, text));
}

/* What the API does not say, of no secret: whoever signs in may know it. */
static void add_own(json_t *view, const struct server_settings *s, bool *bad)
{
	view_set(view, "decision_text", span(s->decision_s), bad);
	view_set(view, "history_days", json_integer(s->history_days), bad);
	view_set(view, "repository_here", json_boolean(s->repository != NULL), bad);
	view_set(view, "repository_url", json_string(s->repository_url ? s->repository_url : ""),
		 bad);
	view_set(view, "require_totp", json_string(s->require_totp ? s->require_totp : "no"), bad);
	view_set(view, "metrics_open", json_boolean(s->metrics_open), bad);
	view_set(view, "tls", json_boolean(!s->plain), bad);
}

/* The key's id is in each decision that was signed. */
static void add_key(struct worker_seat *seat, const struct http_request *req, json_t *view,
		    bool *bad)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;
	const json_t *first;

	(void)web_call(seat, req, "GET", "/api/v1/decisions", NULL, &answer);
	first = json_array_get(json_object_get(answer, "decisions"), 0);
	view_set(view, "decision_key",
		 json_string(
			 view_str(json_array_get(json_object_get(first, "signatures"), 0), "key")),
		 bad);
	view_set(view, "decisions",
		 json_integer((json_int_t)json_array_size(json_object_get(answer, "decisions"))),
		 bad);
}

void web_settings(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, "/api/v1/info");
	const json_t *set = json_object_get(view, "settings");
	char url[DEED_URL];
	bool bad = false;

	if (!view)
		return;
	view_set(view, "poll_text", span(view_int(set, "poll_s")), &bad);
	view_set(view, "report_text", span(view_int(set, "report_s")), &bad);
	view_set(view, "silence_text", span(view_int(set, "silence_s")), &bad);
	view_set(view, "now_text", view_time(req->now_s), &bad);
	view_set(view, "url", json_string(deed_url(seat, req, url)), &bad);
	if (seat->fleet && seat->fleet->settings)
		add_own(view, seat->fleet->settings, &bad);
	add_key(seat, req, view, &bad);
	page_send(seat, req, res, 200,
		  (struct page){ .template = "settings",
				 .title = "Settings",
				 .nav = "settings",
				 .view = bad ? NULL : take_ptr(view) });
}
