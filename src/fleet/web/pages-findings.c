/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: which checks of "oakum audit" fail, and on how many hosts. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/findings-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

static json_t *view_of(const struct http_request *req, const json_t *answer, const json_t *counts)
{
	_cleanup_(json_decrefp) json_t *view = findings_view(json_object_get(answer, "findings"),
							     view_int(counts, "total"), req->now_s);
	bool bad = !view;

	view_set(view, "total_text", view_count(view_int(counts, "total")), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_findings(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *answer = NULL, *counts = NULL;
	unsigned status = web_call(seat, req, "GET", "/api/v1/findings", NULL, &answer);

	if (status == 200)
		status = web_call(seat, req, "GET", "/api/v1/counts", NULL, &counts);
	if (status != 200) {
		page_problem(req, res, status, view_str(counts ? counts : answer, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "findings",
				 .title = "Findings",
				 .nav = "findings",
				 .view = view_of(req, answer, counts) });
}
