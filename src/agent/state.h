/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: what a running agent is about to do, /run/oakum/state, for "oakum status": "next=TEXT",
 * "next_at=SECONDS", "soak_level=N", "soak_until=SECONDS", "tried=SECONDS", "error=TEXT", a line each. It
 * is of this boot only, and of no weight: who has to know asks the kernel and the journal.
 */
#ifndef OAK_AGENT_STATE_H
#define OAK_AGENT_STATE_H

#include <stdint.h>

#include "base/error.h"

#define STATE_PATH      "run/oakum/state"
#define STATE_TEXT_MAX  128
#define STATE_ERROR_MAX 512

struct state {
	char next[STATE_TEXT_MAX]; /* "checks the repository"; "": nothing */
	int64_t next_at_s;
	uint32_t soak_level; /* 0: none */
	int64_t soak_until_s;
	int64_t tried_s;             /* when the agent's last check ended; 0: none did */
	char error[STATE_ERROR_MAX]; /* of it, which the worker may have had no room to write down; "" */
};

int state_write(int root, const struct state *s, struct oak_error *err) _must_check_;

/* Whatever cannot be read is empty. */
void state_read(int root, struct state *ret);

#endif
