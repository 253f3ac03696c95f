/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: what a running agent is about to do, /run/oakum/state, for "oakum status": "next=TEXT",
 * "next_at=SECONDS", "soak_level=N", "soak_until=SECONDS", a line each. It is of this boot only, and of
 * no weight: who has to know asks the kernel and the journal.
 */
#ifndef OAK_AGENT_STATE_H
#define OAK_AGENT_STATE_H

#include <stdint.h>

#include "base/error.h"

#define STATE_PATH     "run/oakum/state"
#define STATE_TEXT_MAX 128

struct state {
	char next[STATE_TEXT_MAX]; /* "checks the repository"; "": nothing */
	int64_t next_at_s;
	uint32_t soak_level; /* 0: none */
	int64_t soak_until_s;
};

int state_write(int root, const struct state *s, struct oak_error *err) _must_check_;

/* Whatever cannot be read is empty. */
void state_read(int root, struct state *ret);

#endif
