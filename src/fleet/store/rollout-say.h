/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-say: what happens to rollouts, told to the audit log and to who listens. */
#ifndef OAK_FLEET_STORE_ROLLOUT_SAY_H
#define OAK_FLEET_STORE_ROLLOUT_SAY_H

#include "fleet/store/rollout-row.h"

struct rollout_deed {
	const char *who;    /* "token:<name>", "server" */
	const char *action; /* "rollout.pause"; of the audit log; NULL: it is not told there */
	const char *event;  /* "rollout.paused"; NULL: nobody listens for it */
	int64_t at_s;       /* of the wall */
};

/* In the caller's transaction. */
int rollout_say(struct db *db, const struct rollout_row *row, const struct rollout_deed *deed,
		struct oak_error *err) _must_check_;

/* The event of a phase: "rollout.running", ... */
const char *rollout_phase_event(enum rollout_phase p);

#endif
