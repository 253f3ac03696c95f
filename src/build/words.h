/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: split a command line of a makefile into words as a shell would, without running a shell.
 * Knows '...', "...", \x and the operator ; (its own word, marked). Anything else that a shell
 * would act on ($, `, |, &, <, >, *, ?) outside of quotes is refused.
 */
#ifndef OAK_BUILD_WORDS_H
#define OAK_BUILD_WORDS_H

#include <stddef.h>

#include "base/error.h"

struct words {
	char **v; /* NULL-terminated, so v serves as an argv */
	size_t n;
};

/* The word that stands for an unquoted ";". Compare the pointer's text: no word can be "\n". */
#define WORDS_SEPARATOR "\n"

/* Pure. Errors: OAK_E_FORMAT (open quote, operator), OAK_E_NOMEM. Fuzzed. */
int words_split(const char *text, struct words *ret, struct oak_error *err) _must_check_;

/* Appends a copy of @word. */
int words_add(struct words *w, const char *word, struct oak_error *err) _must_check_;
void words_free(struct words *w); /* zero is fine; also the guard */

#endif
