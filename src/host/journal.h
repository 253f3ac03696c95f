/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal: what is about to be done to the running kernel, written and fsynced before it is done.
 *
 * One line a step in /var/lib/oakum/journal, append-only:
 *
 *	time=2026-11-23T20:15:03Z boot=<boot id> kernel=<build-id> by=agent level=1 step=load
 *
 * A step that begins (load, transition, revert, unload) is followed by one that ends it (applied,
 * reverted, unloaded, failed). A level that is applied is then watched until it is "settled", or
 * "quarantined" with the reason behind why=, up to the end of the line. "stopping" is written when the
 * machine goes down in order: a level that was neither settled nor stopped in order when the boot
 * changed was in the kernel when it died, see journal_crashed().
 *
 * Reading is pure (journal_fold()) and forgiving: a line that a crash cut, or that a later oakum wrote,
 * is passed over. Fuzzed by tests/fuzz/fuzz-journal.c.
 */
#ifndef OAK_HOST_JOURNAL_H
#define OAK_HOST_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/notes.h"

#define JOURNAL_PATH       "var/lib/oakum/journal"
#define JOURNAL_BYTES_MAX  (4u << 20)   /* read at most; compacted long before */
#define JOURNAL_BYTES_KEPT (256u << 10) /* what journal_compact() is called with */
#define JOURNAL_WHY_MAX    256          /* with the NUL; longer reasons are cut */
#define JOURNAL_KEPT_MAX   64 /* settled and quarantined levels of one kernel, the newest */

enum journal_step {
	JOURNAL_LOAD,
	JOURNAL_TRANSITION,
	JOURNAL_APPLIED,
	JOURNAL_REVERT,
	JOURNAL_REVERTED,
	JOURNAL_UNLOAD,
	JOURNAL_UNLOADED,
	JOURNAL_FAILED,
	JOURNAL_SETTLED,     /* it was watched for the soak time, and nothing was found */
	JOURNAL_QUARANTINED, /* this host does not apply it again by itself */
	JOURNAL_RELEASED,    /* somebody lifted that */
	JOURNAL_STOPPING,    /* the machine goes down in order */
	JOURNAL_STEPS
};

/* Who wants it; decides what an automatic agent does afterwards. */
enum journal_by {
	JOURNAL_BY_HAND,
	JOURNAL_BY_AGENT,
	JOURNAL_BY_BOOT,
	JOURNAL_BY_GUARD, /* a level that hurt */
	JOURNAL_BYS
};

struct journal {
	int root;
	const char *boot_id;
	const char *build_id;
	enum journal_by by;
};

struct journal_mark {
	uint32_t level;
	int64_t at_s;
	char why[JOURNAL_WHY_MAX]; /* "" for settled ones */
};

/* What the lines of one kernel come to. */
struct journal_view {
	/* The last line about a level in the kernel: not settled, quarantined, released, stopping. */
	enum journal_step step;
	enum journal_by by;
	uint32_t level; /* 0: nothing was ever done */
	int64_t at_s;
	char boot_id[40];
	bool stopped; /* that boot ended in order */

	int64_t applied_at_s;                          /* of the level that was applied last */
	uint32_t reverted_by_hand;                     /* not applied again by itself; 0: none */
	struct journal_mark settled[JOURNAL_KEPT_MAX]; /* oldest first, each level once */
	size_t n_settled;
	struct journal_mark quarantined[JOURNAL_KEPT_MAX];
	size_t n_quarantined;
	uint64_t applied, reverted, failed; /* counts */
};

/**
 * journal_write() - durable when it returns 0
 * @why: or NULL; control characters become blanks
 *
 * Errors: OAK_E_IO; then the step must not be taken.
 */
int journal_write(const struct journal *j, uint32_t level, enum journal_step step, const char *why,
		  struct oak_error *err) _must_check_;

/* Pure. @build_id: lines of other kernels do not count. */
void journal_fold(const char *text, size_t len, const char *build_id, struct journal_view *ret);

/* A step that ended, for those who tell others. */
struct journal_deed {
	int64_t at_s;
	uint32_t level;
	enum journal_step step;
	enum journal_by by;
	char why[JOURNAL_WHY_MAX];
};

/* Pure. The last @max of them, the oldest first; returns how many. */
size_t journal_last_deeds(const char *text, size_t len, const char *build_id,
			  struct journal_deed *ret, size_t max);

/* No journal is an empty view. Errors: OAK_E_IO, OAK_E_TOOLARGE. */
int journal_read(int root, const char *build_id, struct journal_view *ret, struct oak_error *err)
	_must_check_;

/**
 * journal_crashed() - did the machine die with an unsettled level on its way in, or in it?
 * @boot_id: of this boot
 *
 * Return: that level, or 0. @ret_step: what it was at: "load", "transition", "soak".
 */
uint32_t journal_crashed(const struct journal_view *v, const char *boot_id, const char **ret_step);

/* The mark of a level, or NULL. */
const struct journal_mark *journal_quarantine(const struct journal_view *v, uint32_t level);

/* The level to load at boot: the last one settled that is not quarantined; 0: none. */
uint32_t journal_last_settled(const struct journal_view *v);
bool journal_is_settled(const struct journal_view *v, uint32_t level);

/**
 * journal_compact() - drop old lines when the file is larger than @max bytes
 *
 * Lines that settle, quarantine or release a level stay, and the last @max / 2 bytes. Call it under the
 * lock (host/lock.h).
 */
int journal_compact(int root, size_t max, struct oak_error *err) _must_check_;

const char *journal_step_name(enum journal_step step);
const char *journal_by_name(enum journal_by by);

#endif
