/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview-facets: the fleet by level, kernel, ring and so on; and what happened last. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_OVERVIEW_FACETS_H
#define OAK_FLEET_WEB_OVERVIEW_FACETS_H

#include <stdint.h>

#include <jansson.h>

json_t *overview_facets(const json_t *hosts);
/* @answer: of GET /api/v1/series?names=open.*; {"points": [{"at", "at_text", "critical", ...}]}, null: there are none. */
json_t *overview_exposure(const json_t *answer);
json_t *overview_news(const json_t *events, int64_t now_s);

#endif
