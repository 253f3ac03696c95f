/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview: are we safe, what is moving, what is stuck, who is exposed. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "fleet/store/event.h"
#include "fleet/web/deed.h"
#include "fleet/web/overview-facets.h"
#include "fleet/web/overview-view.h"
#include "fleet/web/routes.h"

#define MONTH_S (INT64_C(30) * 86400)
#define NEWS    60 /* of which decisions are left out: each change is followed by some of them */

/* The API lists them from the oldest on: from where, only the database knows. NULL: none. */
static json_t *latest_events(struct worker_seat *seat, const struct http_request *req)
{
	struct oak_error err = { 0 };
	json_t *answer = NULL;
	int64_t last = 0;
	char target[64];

	if (event_last(seat->db, &last, &err) < 0)
		return NULL;
	(void)snprintf(target, sizeof(target), "/api/v1/events?limit=%d&after=%" PRId64, NEWS,
		       last > NEWS ? last - NEWS : 0);
	(void)web_call(seat, req, "GET", target, NULL, &answer);
	return answer;
}

/* Of the last month. NULL: none. */
static json_t *exposure(struct worker_seat *seat, const struct http_request *req)
{
	json_t *answer = NULL;
	char target[96];

	(void)snprintf(target, sizeof(target), "/api/v1/series?names=open.*&since=%" PRId64,
		       req->now_s - MONTH_S);
	if (web_call(seat, req, "GET", target, NULL, &answer) == 200)
		return answer;
	json_decref(answer);
	return NULL;
}

void web_overview(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *overview = deed_ask(seat, req, res, "/api/v1/overview");
	_cleanup_(json_decrefp) json_t *events = NULL, *series = NULL;
	json_t *view;
	const struct rollout_eyes eyes = { .who = req->who,
					   .scopes = req->scopes,
					   .now_s = req->now_s };

	if (!overview)
		return;
	events = latest_events(seat, req);
	series = exposure(seat, req);
	view = overview_view(overview, json_object_get(events, "events"), &eyes);
	if (view)
		(void)json_object_set_new(view, "exposure", overview_exposure(series));
	page_send(seat, req, res, 200,
		  (struct page){ .template = "overview",
				 .title = "Overview",
				 .nav = "overview",
				 .view = view });
}
