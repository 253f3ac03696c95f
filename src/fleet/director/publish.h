/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish: rollouts become decisions, one a ring, signed: into the database, from there onto the shelf of
 * each server and into files. For this folder alone.
 */
#ifndef OAK_FLEET_DIRECTOR_PUBLISH_H
#define OAK_FLEET_DIRECTOR_PUBLISH_H

#include "fleet/fleet.h"
#include "fleet/store/fleet-clock.h"
#include "fleet/store/rollout-row.h"

/*
 * In the leader's transaction. A ring's decision gets its next version where it says something
 * new, or is older than a quarter of its life. Gates alone that move are published at most once in
 * a sixtieth of the hosts' polls: no host could see more of them.
 */
int publish_decisions(struct fleet *fleet, struct db *db, const struct rollout_rows *rows,
		      const struct fleet_clock *clock, struct oak_error *err) _must_check_;

/*
 * What is newer in the database than on the shelf: there, and below <data>/public/v1/decisions/.
 * @ret_oldest_s: when the oldest of all decisions was issued; 0: there is none.
 */
int publish_shelf(struct fleet *fleet, struct db *db, int64_t *ret_oldest_s, struct oak_error *err)
	_must_check_;

#endif
