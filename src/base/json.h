/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json: the few things we want of jansson, one way.
 *
 * Guard locals with _cleanup_(json_decrefp) (jansson's own name).
 */
#ifndef OAK_BASE_JSON_H
#define OAK_BASE_JSON_H

#include <stddef.h>

#include <jansson.h>

#include "base/error.h"

/**
 * json_parse() - one JSON document from outside bytes
 * @what: names the document in messages ("timestamp.json")
 * @max:  more bytes than this is OAK_E_TOOLARGE, before any parsing
 *
 * Duplicate keys, embedded NUL in keys, invalid UTF-8 and trailing bytes are OAK_E_FORMAT.
 */
int json_parse(const void *data, size_t len, size_t max, const char *what, json_t **ret,
	       struct oak_error *err) _must_check_;

/* A string member, borrowed from @object; NULL where absent or of another type. */
const char *json_get_str(const json_t *object, const char *key);

/* Pretty text with sorted keys and a final newline for files and --json; the caller frees it. */
char *json_text(const json_t *json);

#endif
