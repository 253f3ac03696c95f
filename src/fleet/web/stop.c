/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stop: the emergency stop, and how it is lifted. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define STOP "/api/v1/stop"

void web_stop(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, STOP);
	_cleanup_(json_decrefp) json_t *info = NULL;
	char who[DEED_WHO], span[WEB_TEXT];
	bool bad = false;

	if (!view)
		return;
	(void)web_call(seat, req, "GET", "/api/v1/info", NULL, &info);
	view_set(view, "who_text", json_string(deed_who(view_str(view, "who"), who)), &bad);
	view_set(view, "since_text", view_ago(view_int(view, "since"), req->now_s), &bad);
	view_set(view, "since_at", view_time(view_int(view, "since")), &bad);
	view_set(view, "poll_text",
		 json_string(web_span(view_int(json_object_get(info, "settings"), "poll_s"), span)),
		 &bad);
	page_send(seat, req, res, 200,
		  (struct page){ .template = "stop",
				 .title = "Emergency stop",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_stop_change(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res);
	bool lift;

	if (!form)
		return;
	lift = strcmp(form_text(form, "do"), "lift") == 0;
	if (!deed_is_sure(req, res, form, "/stop"))
		return;
	deed_do(seat, req, res,
		&(struct deed){
			.method = lift ? "DELETE" : "POST",
			.target = STOP,
			.body = lift ? NULL : json_pack("{s:s}", "why", form_text(form, "why")),
			.to = "/stop",
			.good = lift ? "The emergency stop was lifted."
				     : "Everything is stopped: no host applies anything." });
}
