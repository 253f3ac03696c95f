/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-json: a rollout as the API shows it: docs/formats/rollout.md. */
#ifndef OAK_FLEET_STORE_ROLLOUT_JSON_H
#define OAK_FLEET_STORE_ROLLOUT_JSON_H

#include "fleet/store/fleet-clock.h"
#include "fleet/store/rollout-tally.h"

/* NULL: out of memory. */
json_t *rollout_json(const struct rollout_row *row, const struct rollout_tallies *t);

#endif
