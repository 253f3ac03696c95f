/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand: a deed that the agent has done by a child of its own: from a worker's answer, or without
 * one, to the report. Also what the boot does, in its own process.
 */
#ifndef OAK_AGENT_ERRAND_H
#define OAK_AGENT_ERRAND_H

#include "agent/message.h"
#include "host/loader.h"
#include "host/settings.h"

enum errand_kind {
	ERRAND_APPLY,  /* what the answer holds; it is stored in the local cache first */
	ERRAND_CACHED, /* the same, but it came from that cache */
	ERRAND_WAIT,   /* it is in the kernel: only for its transition */
	ERRAND_REVERT
};

struct errand {
	enum errand_kind kind;
	enum journal_by by;
	uint32_t only; /* ERRAND_REVERT: this level alone; 0: every one */
	int root;
	const struct settings *settings;
	const struct message_answer *answer; /* NULL with ERRAND_REVERT */
	const int *fds;                      /* MESSAGE_FDS of them, borrowed; the same */
	const struct progress *progress;
	const struct module_ops *ops; /* NULL: the kernel's */
	const char *journal;          /* the socket of the system's journal; NULL: where it is */
	bool *told; /* becomes true where a failure went to the system's journal; may be NULL */
};

/**
 * errand_run() - take the lock, check every hash, do the deed, write the report
 *
 * A failure that has a place in the catalog (preflight, hook, stalled transition) goes to the
 * system's journal; whoever says it once more would have it there twice.
 *
 * Errors: OAK_E_AGAIN (another oakum is at work), OAK_E_TRUST (other bytes than the answer says),
 * OAK_E_FORMAT, those of the deed.
 */
int errand_run(const struct errand *e, struct oak_error *err) _must_check_;

#endif
