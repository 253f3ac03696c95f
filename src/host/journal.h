/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal: what is about to be done to the running kernel, written and fsynced before it is done.
 *
 * One line a step in /var/lib/oakum/journal, append-only:
 *
 *	time=2026-11-23T20:15:03Z boot=<boot id> kernel=<build-id> level=1 step=load
 *
 * A step that begins (load, transition, revert, unload) is followed by one that ends it (applied,
 * reverted, unloaded, failed). A journal whose last line of this boot begins a step tells that
 * somebody died in it; a last line of another boot, that the machine did.
 */
#ifndef OAK_HOST_JOURNAL_H
#define OAK_HOST_JOURNAL_H

#include <stdint.h>

#include "base/error.h"

#define JOURNAL_PATH "var/lib/oakum/journal"

enum journal_step {
	JOURNAL_LOAD,
	JOURNAL_TRANSITION,
	JOURNAL_APPLIED,
	JOURNAL_REVERT,
	JOURNAL_REVERTED,
	JOURNAL_UNLOAD,
	JOURNAL_UNLOADED,
	JOURNAL_FAILED,
};

struct journal {
	int root;
	const char *boot_id;
	const char *build_id;
};

/* Durable when it returns 0. Errors: OAK_E_IO; then the step must not be taken. */
int journal_write(const struct journal *j, uint32_t level, enum journal_step step,
		  struct oak_error *err) _must_check_;

const char *journal_step_name(enum journal_step step);

#endif
