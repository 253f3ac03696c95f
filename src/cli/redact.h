/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redact: text without its secrets, for what leaves the host in a support bundle.
 *
 * Removed: user and password, and the query, of URLs; the value of each key whose name says that
 * it is secret ("password=x", "api-token: x"); private keys in PEM. Too much rather than too
 * little. Pure. Fuzzed by tests/fuzz/fuzz-redact.c.
 */
#ifndef OAK_CLI_REDACT_H
#define OAK_CLI_REDACT_H

#include <stddef.h>

#include "base/buf.h"

#define REDACTED "(removed)"

/* Appends what is left of @text, line by line; a NUL is '?'. -ENOMEM. */
int redact(const void *text, size_t len, struct buf *ret) _must_check_;

#endif
