/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hosts-view: what the list of hosts shows, out of answers of the API. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_HOSTS_VIEW_H
#define OAK_FLEET_WEB_HOSTS_VIEW_H

#include <jansson.h>

#include "fleet/http/http.h"

/* A row of GET /api/v1/hosts (also a whole host), and beside it "href", "label", "seen_text", "verdict_badge" and so on. */
json_t *hosts_row_view(const json_t *host, int64_t now_s);
json_t *hosts_rows_view(const json_t *hosts, int64_t now_s);

/* [{"label", "n_text", "href", "on", "tone"}]: how many hosts there are of what wants to be looked at. */
json_t *hosts_chips_view(const json_t *counts, const json_t *query);

/* [{"name", "label", "options": [{"value", "text", "chosen"}]}], by the values that hosts have. */
json_t *hosts_selects_view(const json_t *counts, const json_t *query);

/* [{"label", "value", "href"}]: each filter that is set, and the address without it. */
json_t *hosts_active_view(const json_t *query);

/* [{"name", "href", "delete", "on"}]: of GET /api/v1/views; @query: the one that is looked at is "on". */
json_t *hosts_views_view(const json_t *views, const json_t *query);

/* {"name": {"href", "sort": "ascending"}, "seen": ...}: a link to sort by each, and how it is sorted now. */
json_t *hosts_order_view(const json_t *query);

/* {"next", "back", "first"}: addresses, null where there is no such page. @next: cursor of the API, NULL. */
json_t *hosts_pager_view(const struct http_request *req, const json_t *query, const char *next);

#endif
