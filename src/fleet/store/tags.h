/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tags: words of a host, "role=web". Kept as one text: sorted, each once, a blank between. A tag is 1 to 63
 * bytes of UTF-8 without blanks and control characters. Pure.
 */
#ifndef OAK_FLEET_STORE_TAGS_H
#define OAK_FLEET_STORE_TAGS_H

#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"

#define TAGS_MAX 64

bool tag_is_good(const char *tag);

/* Rings name files: 1 to 63 lower-case letters, digits, ".", "_", "-"; not a dot first. */
bool ring_is_good(const char *ring);

/* @array: NULL is none. On the heap. Errors: OAK_E_FORMAT, which names the tag. */
int tags_from_json(const json_t *array, char **ret, struct oak_error *err) _must_check_;
/* The same, of a host: what is no tag is left out, and so is what is beyond TAGS_MAX. */
int tags_from_host(const json_t *array, char **ret, struct oak_error *err) _must_check_;
int tags_union(const char *a, const char *b, char **ret, struct oak_error *err) _must_check_;

/* An array; NULL: out of memory. */
json_t *tags_json(const char *tags);

/* Those of @a that @b lacks: @each with a copy that lives as long as the call. */
int tags_each_missing(const char *a, const char *b,
		      int (*each)(void *ctx, const char *tag, struct oak_error *err), void *ctx,
		      struct oak_error *err) _must_check_;

#endif
