/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hashes: a "hashes" member {"sha256": "<hex>", ...} and the check of bytes against it. Every
 * algorithm that we know must match; a member with none that we know is refused, since nothing
 * would be checked.
 */
#ifndef OAK_TRUST_HASHES_H
#define OAK_TRUST_HASHES_H

#include <stddef.h>

#include <jansson.h>

#include "base/error.h"

struct hashes {
	const char *sha256; /* 64 lower-case hex, or NULL; borrowed from the document */
	const char *sha512; /* 128 lower-case hex, or NULL */
};

/* Errors: OAK_E_FORMAT. */
int hashes_parse(const json_t *object, struct hashes *ret, struct oak_error *err) _must_check_;

/* Errors: OAK_E_TRUST "<name>: sha256 does not match <parent>". */
int hashes_check(const struct hashes *h, const char *name, const char *parent, const void *data,
		 size_t len, struct oak_error *err) _must_check_;

#endif
