/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-view: what the page of one host shows, out of answers of the API. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_HOST_VIEW_H
#define OAK_FLEET_WEB_HOST_VIEW_H

#include <stdint.h>

#include <jansson.h>

/* GET /api/v1/hosts/{id}: its row, and of its last report what people read. */
json_t *host_view(const json_t *host, int64_t now_s);

/*
 * [{"at_text", "ago", "changes": [{"text", "tone"}]}], newest first: what changed from report to report. Reports that
 * tell nothing new are left out. @history: GET /api/v1/hosts/{id}/history, newest first.
 */
json_t *host_timeline(const json_t *history, int64_t now_s);

/* Adds entries of the audit log about it (GET /api/v1/audit?subject=): what people did. Keeps the order. */
json_t *host_timeline_deeds(const json_t *timeline, const json_t *entries, int64_t now_s);

/*
 * [{"id", "href", "name", "state", "badge", "level", "why", "open"}]: rollouts in the decision of its ring that name its
 * kernel and fit its tags and system (docs/formats/fleet.md, "Decision").
 */
json_t *host_rollouts(const json_t *host, const json_t *decision);

#endif
