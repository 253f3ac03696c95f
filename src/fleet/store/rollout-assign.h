/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-assign: gives the hosts of a rollout that begins their stages and turns, and each kernel its level. */
#ifndef OAK_FLEET_STORE_ROLLOUT_ASSIGN_H
#define OAK_FLEET_STORE_ROLLOUT_ASSIGN_H

#include "fleet/store/rollout-row.h"

/**
 * rollout_assign_hosts() - for a rollout that was started and has no hosts yet
 * @row: as it was read; brought up to date
 *
 * Outside of a transaction: it makes some of its own, so that nobody waits for a million rows. Whoever
 * is killed in the middle has done nothing: the next call begins anew. A rollout that cannot begin
 * (no level for any kernel, a number for several) is halted, and says why.
 */
int rollout_assign_hosts(struct db *db, struct rollout_row *row, int64_t now_s,
			 struct oak_error *err) _must_check_;

#endif
