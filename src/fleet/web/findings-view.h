/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings-view: checks that fail, over the whole fleet. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_FINDINGS_VIEW_H
#define OAK_FLEET_WEB_FINDINGS_VIEW_H

#include <stdint.h>

#include <jansson.h>

/*
 * {"findings": [{"id","severity","hosts","hosts_text","href","share","first_text"}], "by": [{"word","n_text"}]}: @findings of
 * GET /api/v1/findings; @total: hosts in all, of which "share" is so many percent.
 */
json_t *findings_view(const json_t *findings, int64_t total, int64_t now_s);

#endif
