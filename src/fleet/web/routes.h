/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes: what answers each page; the table is routes.c. */
#ifndef OAK_FLEET_WEB_ROUTES_H
#define OAK_FLEET_WEB_ROUTES_H

#include "fleet/web/page.h"

/* A page (GET), and what a form of it does (POST). */
#define WEB_WORK(fn)                                                            \
	void web_##fn(struct worker_seat *seat, const struct http_request *req, \
		      struct http_response *res)

/* assets.c */
void web_asset(struct fleet *fleet, const struct http_request *req, struct http_response *res);
/* overview.c */
WEB_WORK(overview);

#endif
