/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: one oakum at a time changes this host.
 *
 * The kernel drops the lock when its holder dies, however it dies; the file stays.
 */
#ifndef OAK_HOST_LOCK_H
#define OAK_HOST_LOCK_H

#include "base/error.h"

#define LOCK_PATH        "var/lib/oakum/lock"
#define LOCK_PATIENCE_MS 3000u

/**
 * lock_take() - without waiting
 * @ret: a descriptor; closing it releases the lock
 *
 * Makes /var/lib/oakum where it is missing.
 *
 * Errors: OAK_E_AGAIN "another oakum (process <pid>) is at work ...", OAK_E_IO,
 * OAK_E_PERMISSION.
 */
int lock_take(int root, int *ret, struct oak_error *err) _must_check_;

/* The same, and asks again for LOCK_PATIENCE_MS: an agent that looks after a change has it for a moment. */
int lock_wait(int root, int *ret, struct oak_error *err) _must_check_;

#endif
