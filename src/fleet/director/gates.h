/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gates: a rollout as decisions have it: who may ask. For this folder alone. */
#ifndef OAK_FLEET_DIRECTOR_GATES_H
#define OAK_FLEET_DIRECTOR_GATES_H

#include "fleet/store/rollout-row.h"

/* The object of docs/formats/fleet.md. @ret: new. */
int gates_json(struct db *db, const struct rollout_row *row, json_t **ret, struct oak_error *err)
	_must_check_;

#endif
