/* SPDX-License-Identifier: GPL-2.0-or-later */
/* goods: what the worker hands over behind descriptors, believed by its hash alone. */
#ifndef OAK_AGENT_GOODS_H
#define OAK_AGENT_GOODS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/**
 * goods_copy() - into memory of our own that nobody changes
 * @fd:   a regular file of 1 to @max bytes, borrowed
 * @what: for messages: "module"
 *
 * Errors: OAK_E_FORMAT, OAK_E_NOMEM.
 */
int goods_copy(int fd, size_t max, const char *what, struct buf *ret, struct oak_error *err)
	_must_check_;

/* Errors: OAK_E_TRUST. */
int goods_check(const struct buf *b, const char *sha256, const char *what, struct oak_error *err)
	_must_check_;

#endif
