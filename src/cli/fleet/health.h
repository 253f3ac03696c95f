/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health: a fleet's overview as the one line of a monitoring plugin. Pure.
 *
 * Source: Monitoring Plugins Development Guidelines (exit statuses, thresholds, figures).
 */
#ifndef OAK_CLI_FLEET_HEALTH_H
#define OAK_CLI_FLEET_HEALTH_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"

/* The numbers are the exit statuses of a plugin. */
enum fleet_health {
	FLEET_OK,
	FLEET_WARNING,
	FLEET_CRITICAL,
	FLEET_UNKNOWN,
};

/* Parts of the fleet in percent, from which on silent hosts are told. */
struct fleet_limits {
	unsigned warning, critical;
};
#define FLEET_LIMITS_OTHERWISE               \
	{                                    \
		.warning = 2, .critical = 20 \
	}

/*
 * "OAKUM FLEET WARNING - text; text | hosts=3 ...", with its newline. Names of rollouts and what people
 * wrote have no '|' and no control character. A halted rollout and the emergency stop are critical; a paused
 * one, and hosts that call themselves critical, warn.
 * @overview: of GET /api/v1/overview. Errors: OAK_E_FORMAT: it is none; OAK_E_NOMEM.
 */
int fleet_health_line(const json_t *overview, const struct fleet_limits *limits, struct buf *ret,
		      enum fleet_health *ret_health, struct oak_error *err) _must_check_;

#endif
