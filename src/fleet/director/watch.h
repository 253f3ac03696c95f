/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: asks the repository, as a host would, which levels the fleet's kernels have. For this folder alone. */
#ifndef OAK_FLEET_DIRECTOR_WATCH_H
#define OAK_FLEET_DIRECTOR_WATCH_H

#include "fleet/fleet.h"

/*
 * Outside of a transaction, on the director's thread; a repository that does not answer costs it some seconds.
 * Nothing is taken that is not signed by the keys that <data>/root.json leads to. Without a repository
 * in the settings nothing happens. Errors: those of trust/client.h and db.
 */
int watch_repository(struct fleet *fleet, struct db *db, int64_t now_s, struct oak_error *err)
	_must_check_;

#endif
