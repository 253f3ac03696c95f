/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks: webhooks are told of events. Delivered at least once, each with its own id; tried again with
 * growing pauses for a day. Every server takes part: a delivery belongs to whoever claims it.
 */
#ifndef OAK_FLEET_HOOKS_HOOKS_H
#define OAK_FLEET_HOOKS_HOOKS_H

#include "fleet/fleet.h"

/*
 * One turn: deliveries for new events, then all that are due are sent. Called each second or so by a
 * thread of its own, as it waits for other people's servers. Errors: those of db.
 */
int hooks_turn(struct fleet *fleet, struct db *db, struct oak_error *err) _must_check_;

/* When a delivery that failed is tried again; 0: it is given up. Pure. */
int64_t hooks_again_s(unsigned tries, int64_t created_s, int64_t now_s);

#endif
