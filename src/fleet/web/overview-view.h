/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overview-view: the fleet in one screen, out of what the API says of it. Pure.
 *
 *	figures    [{"tone", "name", "value", "note", "href"}]
 *	attention  [{"badge", "text", "href"}]: what somebody should look at, the worst first
 *	moving     the rollouts that are not over, each with "badge", "steps" (its stages), "bar", "hint"
 *	facets     [{"title", "rows": [{"name", "count", "share", "href", "tone"}], "more"}]
 *	news       the latest events: [{"at", "ago", "text", "href"}]
 */
#ifndef OAK_FLEET_WEB_OVERVIEW_VIEW_H
#define OAK_FLEET_WEB_OVERVIEW_VIEW_H

#include "fleet/web/rollout-view.h"

/*
 * @overview: of GET /api/v1/overview; changed. @events: of GET /api/v1/events, oldest first; NULL: none.
 * Return: NULL: out of memory.
 */
json_t *overview_view(json_t *overview, const json_t *events, const struct rollout_eyes *eyes);

#endif
