/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview: are we safe, what is moving, what is stuck, who is exposed. */
#include "fleet/web/routes.h"

void web_overview(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	json_t *view = NULL;
	unsigned status = web_call(seat, req, "GET", "/api/v1/overview", NULL, &view);

	page_send(seat, req, res, status,
		  (struct page){ .template = "overview",
				 .title = "Overview",
				 .nav = "overview",
				 .view = view });
}
