/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * director: the thread that steps rollouts and signs decisions, on the server that leads; on every
 * server it brings the newest decisions onto the shelf.
 */
#ifndef OAK_FLEET_DIRECTOR_DIRECTOR_H
#define OAK_FLEET_DIRECTOR_DIRECTOR_H

#include "fleet/fleet.h"

/*
 * One turn: where this server leads, every rollout that runs is stepped, and a decision that has changed or grows
 * old is signed and stored with its next version; then the shelf takes what is new. Called each second or
 * so, and by whoever changed something (fleet/director/shelf.h: shelf_wake()). Errors: those of db.
 */
int director_turn(struct fleet *fleet, struct db *db, struct oak_error *err) _must_check_;

#endif
