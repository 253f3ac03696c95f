/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zone-rule: "CET-1CEST,M3.5.0,M10.5.0/3": when clocks change in every year to come. Pure; see zone.h. */
#ifndef OAK_FLEET_ROLLOUT_ZONE_RULE_H
#define OAK_FLEET_ROLLOUT_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define ZONE_RULE_MAX   128 /* text, with the NUL */
#define ZONE_OFFSET_MAX (26 * 3600)

struct zone_rule {
	int32_t std_s, dst_s; /* east of UTC */
	bool has_dst;
	/* The @week-th @day (0: Sunday) of @month, 5: the last; @at_s after midnight, negative too. */
	struct zone_change {
		uint8_t month, week, day;
		int32_t at_s;
	} to_dst, to_std;
};

/* -EINVAL: not such a rule. */
int zone_rule_parse(const char *text, struct zone_rule *ret) _must_check_;
int32_t zone_rule_offset(const struct zone_rule *r, int64_t at_s);

#endif
