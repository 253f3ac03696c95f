/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answered: what is counted and told of each request. */
#ifndef OAK_FLEET_OPS_ANSWERED_H
#define OAK_FLEET_OPS_ANSWERED_H

#include <stdint.h>

#include "fleet/fleet.h"
#include "fleet/http/route.h"

/*
 * Before the answer is sent. @route: NULL where none was found; @ns: since the request began to come.
 *
 *	level=info event=request method=GET path=/api/v1/hosts status=200 ms=3 who=token:ci peer=… request=…
 *
 * The query is not told: an address may have a secret in it. Level "warning" for a 5xx.
 */
void request_answered(const struct fleet *fleet, const struct route *route,
		      const struct http_request *req, unsigned status, uint64_t ns);

#endif
