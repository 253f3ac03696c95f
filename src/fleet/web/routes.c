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
	PAGE("GET", "/hosts", SCOPE_READ, hosts, "Hosts"),
	PAGE("GET", "/hosts.csv", SCOPE_READ, hosts_csv, "Hosts as a table"),
	PAGE("GET", "/hosts/{id}", SCOPE_READ, host, "A host"),
	PAGE("POST", "/hosts/{id}/change", SCOPE_HOSTS, host_change, "Change its ring and tags"),
	PAGE("POST", "/hosts/{id}/revoke", SCOPE_HOSTS, host_revoke, "Revoke it"),
	PAGE("POST", "/hosts/{id}/trust", SCOPE_HOSTS, host_trust, "Trust it again"),
	{ .method = NULL },
};
