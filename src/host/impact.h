/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * impact: what an apply (or a revert) costs the host, measured while it happens.
 *
 * One thread a processor (every Nth where there are more than IMPACT_PROBES_MAX) sleeps a
 * millisecond at a time and keeps the longest that it woke up late: what an ordinary task
 * notices. One more thread reads PSI ten times a second. They exist from impact_begin() to
 * impact_end() only.
 *
 * Which tasks the kernel switched by a signal it does not tell. It signals, 15 s after the
 * transition began, all that have not switched; so those are counted just before, by patch_state.
 * Source: kernel/livepatch/transition.c of 6.1 (SIGNALS_TIMEOUT).
 */
#ifndef OAK_HOST_IMPACT_H
#define OAK_HOST_IMPACT_H

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/psi.h"

#define IMPACT_PROBES_MAX 16

struct impact {
	bool measured;
	double load_ms, transition_ms; /* filled by the caller */
	double total_ms;               /* begin to end */
	double gap_ms;                 /* the longest that a probe woke up late */
	int gap_cpu;                   /* where; -1: no probe ran */
	unsigned probes, cpus;         /* processors that were probed, of so many */
	long pending_1s; /* tasks not switched a second after it began; -1: it was over */
	long signalled;  /* ... after 14 s, just before the kernel signals; -1: it was over */
	struct impact_psi {
		bool known;
		double before, during_max, after; /* "some avg10", percent */
		uint64_t waited_us;               /* "some total", begin to end */
	} psi[PSI_N];
};

struct impact_run;

/* Never fails: NULL where it cannot be measured (no memory); the others accept NULL. */
struct impact_run *impact_begin(int root);

/* The transition begins now; @to_patched: false while reverting. */
void impact_transition(struct impact_run *run, bool to_patched);

/* Ends the threads, frees @run. */
void impact_end(struct impact_run *run, struct impact *ret);

/* A new object; NULL when out of memory. What is not known is null. */
json_t *impact_json(const struct impact *i);

#endif
