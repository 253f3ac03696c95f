/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tellers: two threads that tell what has changed: one the streams of this server (fleet/api/event-hub.h),
 * one the webhooks (fleet/hooks/hooks.h), which waits for other people's servers.
 */
#ifndef OAK_FLEET_TELLERS_H
#define OAK_FLEET_TELLERS_H

#include "fleet/fleet.h"

struct tellers;

/* Each with a connection to the database. @fleet outlives them. */
int tellers_start(struct fleet *fleet, struct tellers **ret, struct oak_error *err) _must_check_;
void tellers_stop(struct tellers *t); /* NULL is fine; a delivery that is on its way is waited for */

#endif
