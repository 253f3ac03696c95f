/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linediff: which lines of two texts differ, by E. Myers' "An O(ND) Difference Algorithm" (1986).
 *
 * Hunks of a patch are no help here: several patches move each other's lines, and a hunk may apply
 * some lines from where it says. Pure. Fuzzed by tests/fuzz/fuzz-keep-lines.c.
 */
#ifndef OAK_BUILD_LINEDIFF_H
#define OAK_BUILD_LINEDIFF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Lines count from 1; [first, end), which may be empty on one side. All else is equal. */
struct linechange {
	uint32_t old_first, old_end;
	uint32_t new_first, new_end;
};

struct linediff {
	struct linechange *v; /* ascending, with equal lines between */
	size_t n;
};

/*
 * More lines than this, added and removed, make one change of all between the first and the last:
 * still right, and memory grows with the square.
 */
#define LINEDIFF_MAX 2000

/* Errors: OAK_E_NOMEM, OAK_E_TOOLARGE (2^30 lines). */
int linediff_run(const char *old, size_t old_len, const char *new, size_t new_len,
		 struct linediff *ret, struct oak_error *err) _must_check_;
void linediff_free(struct linediff *d); /* also the guard */

#endif
