/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/routes.h"

/* "GET": a page; "POST": what a form of it does. */
#define PAGE(verb, path, scope_, fn, summary_)                                              \
	{                                                                                   \
		.method = (verb), .pattern = (path), .kind = ROUTE_WORK, .scope = (scope_), \
		.page = true, .work = web_##fn, .summary = (summary_)                       \
	}

const struct route routes_web[] = {
	{ .method = "GET",
	  .pattern = "/assets/{file}",
	  .kind = ROUTE_MEMORY,
	  .open = true,
	  .memory = web_asset,
	  .summary = "Style, script and icons" },
	PAGE("GET", "/", SCOPE_READ, overview, "The fleet at a glance"),
	{ .method = NULL },
};
