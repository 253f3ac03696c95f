/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * members: what the fleet's documents have in common: ids, words, tags, texts for people. Pure.
 * All errors: OAK_E_FORMAT, and the message names the member.
 */
#ifndef OAK_TRUST_FLEET_MEMBERS_H
#define OAK_TRUST_FLEET_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "trust/fields.h"

extern const struct text_rule fleet_host_id;    /* 32 hex digits */
extern const struct text_rule fleet_rollout_id; /* 16; also of a boot and of a place */
extern const struct text_rule fleet_key;        /* 64 */
extern const struct text_rule fleet_seal;       /* 128 */
extern const struct text_rule fleet_word;       /* trust/fields.h's, of at most 63 bytes */
extern const struct text_rule fleet_tag;        /* the same, and '=' */

/* Copies to @ret, which has room for the rule's most and a NUL. */
int member_text(const json_t *object, const char *key, const struct text_rule *rule, char *ret,
		struct oak_error *err) _must_check_;

/* The same; "" where it is not there. */
int member_word(const json_t *object, const char *key, const struct text_rule *rule, char *ret,
		struct oak_error *err) _must_check_;

/*
 * For people: at most @size - 1 bytes; control characters, C1 too, become '?'. "" where it is not there.
 */
int member_line(const json_t *object, const char *key, char *ret, size_t size,
		struct oak_error *err) _must_check_;

/* A whole number; @otherwise where it is not there. */
int member_number(const json_t *object, const char *key, uint64_t max, uint64_t otherwise,
		  uint64_t *ret, struct oak_error *err) _must_check_;

/* Seconds since the epoch, from 1970 to 9999. */
int member_time(const json_t *object, const char *key, int64_t *ret_s, struct oak_error *err)
	_must_check_;

/* An object, or NULL where it is not there. */
int member_object(const json_t *object, const char *key, const json_t **ret, struct oak_error *err)
	_must_check_;

/* An array of at most @max, each a string that follows @rule; NULL where it is not there. */
int member_words(const json_t *object, const char *key, const struct text_rule *rule, size_t max,
		 const json_t **ret, struct oak_error *err) _must_check_;

/* An array of at most @max objects; NULL where it is not there. */
int member_objects(const json_t *object, const char *key, size_t max, const json_t **ret,
		   struct oak_error *err) _must_check_;

#endif
