/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-reach: how many hosts a rollout would reach, before there is one. */
#ifndef OAK_FLEET_WEB_ROLLOUT_REACH_H
#define OAK_FLEET_WEB_ROLLOUT_REACH_H

#include "fleet/rollout/document.h"
#include "fleet/web/page.h"

/*
 * {"hosts", "hosts_text", "exact", "stages": [{"number", "what", "hosts_text"}]}. Counts where they say it; else hosts are looked at,
 * REACH_LOOK of them at most: then not exact. NULL: it could not be found out.
 */
#define REACH_LOOK 20000
json_t *rollout_reach(struct worker_seat *seat, const struct http_request *req,
		      const struct rollout_document *d, const json_t *counts);

#endif
