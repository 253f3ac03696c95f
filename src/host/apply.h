/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply: a level into the running kernel, and back out of it.
 *
 * Before each dangerous step the journal has its line. Whatever kills us between two steps, the
 * kernel goes on by itself: a transition that began ends without us, and the next oakum reads
 * from sysfs where things are. Callers hold the lock (host/lock.h) and ran the preflight.
 */
#ifndef OAK_HOST_APPLY_H
#define OAK_HOST_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/progress.h"
#include "host/host.h"
#include "host/impact.h"
#include "host/journal.h"
#include "host/loader.h"
#include "host/stall.h"
#include "trust/manifest.h"

struct apply_options {
	const struct module_ops *ops;
	enum journal_by by;  /* for the journal */
	uint32_t only;       /* level_revert(): this level alone; 0: every one */
	unsigned timeout_ms; /* of a transition; after it the transition is turned round */
	unsigned back_ms;    /* of a transition that was turned round */
	const struct progress *progress;
};

struct apply_result {
	double load_ms;       /* the kernel's work in finit_module(2), with its first pass */
	double transition_ms; /* what was waited for the transition after that */
	double unload_ms;     /* modules that are no longer in use */
	struct stall stall;   /* on a time-out: who blocked */
	struct impact impact; /* on the host, from just before the load to the end */
};

/**
 * level_apply() - load, wait for the transition, unload what was replaced
 * @h:      the host as just read
 * @module: the uncompressed module; its SHA-256 is checked once more. May be NULL where the level
 *          is in the kernel already and only its transition is to be waited for.
 * @ret:    always filled as far as it went; apply_result_clear() it
 *
 * Errors: OAK_E_AGAIN (the transition did not end in time; it was taken back, or goes on being
 * taken back), those of the loader, OAK_E_IO (journal).
 */
int level_apply(const struct host *h, const struct manifest *m, const void *module, size_t len,
		const struct apply_options *opt, struct apply_result *ret, struct oak_error *err)
	_must_check_;

/**
 * level_revert() - take back every level that is in the kernel, or one, and unload its module
 *
 * There are two while one replaces the other, or gives way to it again.
 *
 * Errors: OAK_E_NOTHING (none is), OAK_E_AGAIN (the transition did not end in time: the level
 * stays applied), OAK_E_IO.
 */
int level_revert(const struct host *h, const struct apply_options *opt, struct apply_result *ret,
		 struct oak_error *err) _must_check_;

/**
 * level_sweep() - unload our modules that no livepatch uses any more
 * @keep: a level whose module stays, or 0
 *
 * They are left by a crash, or by a level that was replaced. Harmless where it fails.
 */
void level_sweep(const struct host *h, uint32_t keep, const struct apply_options *opt);

void apply_result_clear(struct apply_result *r); /* also the guard */

#endif
