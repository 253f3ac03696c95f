/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields: the members of a document from outside, held to a form. What a function returns is
 * borrowed from the document; a message names the member.
 */
#ifndef OAK_TRUST_FIELDS_H
#define OAK_TRUST_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

/* How a string member must look. */
struct text_rule {
	const char *chars; /* NULL: any printable text */
	size_t min, max;   /* bytes */
	const char *what;  /* for the message: "not <what>" */
};
extern const struct text_rule text_build_id; /* 40 lower-case hex digits, as SHA-1 gives */
extern const struct text_rule text_sha256;
extern const struct text_rule text_word;  /* letters, digits and "._+~:-", 1 to 128 */
extern const struct text_rule text_line;  /* 1 to 512 bytes without control characters */
extern const struct text_rule text_title; /* the same, or empty */

bool text_follows(const char *text, const struct text_rule *rule);

/* All errors: OAK_E_FORMAT "<key>: not ...". */
int field_text(const json_t *object, const char *key, const struct text_rule *rule,
	       const char **ret, struct oak_error *err) _must_check_;

/* A text_title, or NULL where the member is null or absent. */
int field_optional(const json_t *object, const char *key, const char **ret, struct oak_error *err)
	_must_check_;

int field_number(const json_t *object, const char *key, uint64_t min, uint64_t max, uint64_t *ret,
		 struct oak_error *err) _must_check_;

/* A date in seconds; 0 where the member is absent. */
int field_date(const json_t *object, const char *key, int64_t *ret_s, struct oak_error *err)
	_must_check_;

/* A name of trust/severity.h; NULL where the member is null or absent. */
int field_severity(const json_t *object, const char *key, const char **ret, struct oak_error *err)
	_must_check_;

/* A list of 1 (or 0 where @empty) to @max elements. */
int field_list(const json_t *object, const char *key, bool empty, size_t max, const json_t **ret,
	       size_t *ret_n, struct oak_error *err) _must_check_;

#endif
