/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * canonical: the one byte string of a JSON value that signatures are made over.
 *
 * "OLPC canonical JSON" as TUF uses it: no white space; members sorted by the bytes of their
 * names; integers only; in strings only '"' and '\' are escaped, every other byte (newlines and
 * controls too) is written as it is. This is not jansson's JSON_COMPACT | JSON_SORT_KEYS, which
 * escapes controls.
 *
 * Source: docs/formats/repository.md, section "Canonical JSON"; TUF 1.0.x section 4.2.
 * Fuzzed by tests/fuzz/fuzz-canonical.c.
 */
#ifndef OAK_TRUST_CANONICAL_H
#define OAK_TRUST_CANONICAL_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"

#define CANONICAL_DEPTH_MAX   32
#define CANONICAL_INTEGER_MAX (1ll << 53) /* beyond it other languages round */

/**
 * canonical_json() - append the canonical form of @value
 * @ret: appended to; on failure it may hold a part
 *
 * Errors: OAK_E_FORMAT (a float, an integer beyond 2^53, deeper than CANONICAL_DEPTH_MAX),
 * OAK_E_NOMEM.
 */
int canonical_json(const json_t *value, struct buf *ret, struct oak_error *err) _must_check_;

#endif
