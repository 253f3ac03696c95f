/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-clock: the time by which rollouts go. It runs only while a server leads and hears its hosts, and never
 * jumps: while all servers were off, or where the wall's clock was set, no host could have been heard, so
 * none counts as silent for it, and no soak or patience passes.
 *
 * It begins as the wall's time, and falls behind by each pause that was longer than FLEET_CLOCK_STEP_MAX.
 * Windows, starts and what people see go by the wall's.
 */
#ifndef OAK_FLEET_STORE_FLEET_CLOCK_H
#define OAK_FLEET_STORE_FLEET_CLOCK_H

#include <stdint.h>

#include "fleet/db/db.h"

#define FLEET_CLOCK_STEP_MAX \
	120 /* seconds between two turns of the director; it makes one a second */

struct fleet_clock {
	int64_t fleet_s;
	int64_t wall_s;     /* when that was read */
	char stop_why[256]; /* of the switch for all; "": it is off */
};

/* @now_s: of the wall, where the clock was never read. */
int fleet_clock_read(struct db *db, int64_t now_s, struct fleet_clock *ret, struct oak_error *err)
	_must_check_;

/*
 * By the leader alone, in a transaction. @since_s: its last turn; 0: this is its first, then the database's.
 * @ret_lost_s: so many seconds of the wall's were left out; -N: the wall's clock went back.
 */
int fleet_clock_turn(struct db *db, int64_t since_s, int64_t now_s, struct fleet_clock *ret,
		     int64_t *ret_lost_s, struct oak_error *err) _must_check_;

#endif
