/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recover: what the journal and the kernel together say that a starting agent has to do.
 *
 * The journal tells what was begun, the kernel where it ended. Pure.
 */
#ifndef OAK_AGENT_RECOVER_H
#define OAK_AGENT_RECOVER_H

#include "host/host.h"
#include "host/journal.h"

enum recover_action {
	RECOVER_NOTHING,
	RECOVER_QUARANTINE,  /* the machine died with that level; it must not come back by itself */
	RECOVER_NOTE_FAILED, /* a process died in the load, and the level is not in the kernel */
	RECOVER_NOTE_APPLIED,  /* a process died in the transition, which then ended without it */
	RECOVER_NOTE_REVERTED, /* the same of a revert */
	RECOVER_WAIT,          /* the transition still goes on */
	RECOVER_REVERT, /* a revert was begun, or a quarantined level is in the kernel: go on */
	RECOVER_SOAK,   /* applied in this boot, not settled: it is watched from now on */
};

struct recover {
	enum recover_action action;
	uint32_t level;
	enum journal_by by;
	const char *at; /* of RECOVER_QUARANTINE: "load", "transition", "soak" */
};

struct recover recover_plan(const struct journal_view *v, const struct host *h);

#endif
