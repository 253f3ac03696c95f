/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields: members of a JSON object into a structure, by a table; each error names the member. Pure. */
#ifndef OAK_FLEET_ROLLOUT_FIELDS_H
#define OAK_FLEET_ROLLOUT_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

enum rollout_field_kind {
	FIELD_OTHER,    /* is known, and read elsewhere */
	FIELD_NUMBER,   /* uint32_t */
	FIELD_DURATION, /* uint32_t seconds, of "30m" */
	FIELD_SWITCH,   /* bool */
};

struct rollout_field {
	const char *name; /* NULL: the last row */
	enum rollout_field_kind kind;
	size_t offset;
	uint32_t min, max;
};

/* Members that are left out leave @ret as it is; one that no row names is an error. */
int rollout_fields_read(const json_t *json, const struct rollout_field *fields, void *ret,
			struct oak_error *err) _must_check_;

int rollout_number_read(const json_t *json, const struct rollout_field *f, uint32_t *ret,
			struct oak_error *err) _must_check_;

/* Printable, without blanks at the ends, of 1 to @size - 1 bytes. */
int rollout_text_read(const json_t *json, const char *name, char *ret, size_t size,
		      struct oak_error *err) _must_check_;

/* The same of ASCII without blanks, quotes or commas; @name NULL: the message has none. */
int rollout_word_read(const json_t *json, const char *name, char *ret, size_t size,
		      struct oak_error *err) _must_check_;

/* One of @words, which end with NULL. */
int rollout_choice_read(const json_t *json, const char *name, const char *const *words, size_t *ret,
			struct oak_error *err) _must_check_;

#endif
