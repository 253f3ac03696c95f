/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts: what root's side knows of this host, for a report to the fleet's server: /run/oakum/report.json,
 * root's alone. The worker is handed a descriptor of it with each question.
 *
 * All but the member "local" is sent as it is (docs/formats/fleet.md, "Report"); that one tells the worker
 * what has become of levels: {"quarantine": [{"level", "why"}], "failed": {"level", "why", "at"} (the last
 * deed, where it failed in the kernel), "impact_level", "transition_ms", "gap_us", "switched"}.
 */
#ifndef OAK_AGENT_FLEET_FACTS_H
#define OAK_AGENT_FLEET_FACTS_H

#include "agent/picture.h"

#define FACTS_PATH "run/oakum/report.json"

/* What the settings do not let leave the host is not in it. NULL: out of memory. */
json_t *fleet_facts(int root, const struct picture *p, int64_t now_s);

int fleet_facts_write(int root, const struct picture *p, int64_t now_s, struct oak_error *err)
	_must_check_;

#endif
