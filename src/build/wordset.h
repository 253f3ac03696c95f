/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wordset: a set of words, such as the identifiers that a fix touches. Zero-initialise. */
#ifndef OAK_BUILD_WORDSET_H
#define OAK_BUILD_WORDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct wordset {
	char **v; /* in the order in which they came */
	size_t n;
	uint32_t *slots; /* 1 + index into v, or 0; a power of two of them */
	size_t n_slots;
};

/* Its index, or SIZE_MAX. */
size_t wordset_find(const struct wordset *s, const char *word, size_t len);
bool wordset_has(const struct wordset *s, const char *word, size_t len);

/* Adds a copy; one that is there already is fine. Errors: OAK_E_NOMEM. */
int wordset_add(struct wordset *s, const char *word, size_t len, struct oak_error *err)
	_must_check_;
void wordset_free(struct wordset *s); /* also the guard */

#endif
