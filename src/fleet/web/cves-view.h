/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves-view: what the pages of CVEs show, out of answers of the API. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_CVES_VIEW_H
#define OAK_FLEET_WEB_CVES_VIEW_H

#include <stdint.h>

#include <jansson.h>

/* Rows of GET /api/v1/cves, each with "href", "hosts_text", "reach_badge", "first_text" and so on. */
json_t *cves_rows_view(const json_t *cves, int64_t now_s);

/* [{"word", "n_text", "href", "on"}]: how many CVEs of each severity are open. @open: its member. */
json_t *cves_severities_view(const json_t *open, const char *severity);

/*
 * Why the list may miss something: [{"text", "href"}], empty where every host names all it has and none is silent.
 * @answer: of either call, with its "lists" and "silent".
 */
json_t *cves_gaps_view(const json_t *answer);

/* GET /api/v1/cves/{cve}: figures, rings, levels that fix it. @matrix: for the names of kernels; may be NULL. */
json_t *cve_view(const json_t *cve, const json_t *matrix, int64_t now_s);

/* Rows of GET /api/v1/cves/{cve}/containers. */
json_t *cve_hosts_view(const json_t *hosts);

/* The release of a build; "" where no host has it. Borrowed. */
const char *matrix_release(const json_t *matrix, const char *build_id);

#endif
