/* SPDX-License-Identifier: GPL-2.0-or-later */
/* named: which container a user means by "web", "docker:web", an id or its first digits. Pure. */
#ifndef OAK_HOST_NAMED_H
#define OAK_HOST_NAMED_H

#include <stddef.h>

#include "base/error.h"

struct named {
	const char *engine, *name, *id;
};

/**
 * named_find() - the one that is meant
 * @get: number @i of @n
 *
 * A whole name or id goes before the beginning of an id, which has at least four digits.
 *
 * Errors: OAK_E_NOTFOUND; OAK_E_USAGE (several are called so).
 */
int named_find(size_t n, struct named (*get)(const void *ctx, size_t i), const void *ctx,
	       const char *wanted, size_t *ret, struct oak_error *err) _must_check_;

#endif
