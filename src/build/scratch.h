/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scratch: a folder of a build's own, gone when the build is.
 *
 * The build holds a lock on it. What a killed one left is removed by the next: a folder that
 * nobody holds and that was not touched for SCRATCH_IDLE_SECONDS (between making and locking it
 * lies no time to speak of).
 */
#ifndef OAK_BUILD_SCRATCH_H
#define OAK_BUILD_SCRATCH_H

#include "base/error.h"

#define SCRATCH_IDLE_SECONDS 600

struct scratch {
	char *dir; /* absolute, if the parent was */
	int lock;  /* descriptor of it */
};

/* Makes "@parent/tmp-XXXXXX". Errors: OAK_E_IO, OAK_E_NOMEM. */
int scratch_open(const char *parent, struct scratch *ret, struct oak_error *err) _must_check_;

/* Removes it; a zeroed one is fine. A failure leaves only space behind. */
int scratch_close(struct scratch *s, struct oak_error *err) _must_check_;

#endif
