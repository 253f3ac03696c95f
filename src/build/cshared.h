/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cshared: may a change of C source change a type, or what an exported symbol's CRC is made of?
 *
 * Told from the text, so that a fix that stays inside of functions, as nine of ten do, costs no
 * compilation more. Whatever is not known to be harmless counts: directives, declarations and
 * calls of macros at the top level, a function that defines a type anywhere in its body.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-cshared.c.
 */
#ifndef OAK_BUILD_CSHARED_H
#define OAK_BUILD_CSHARED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct cshared {
	bool types;
	bool prototypes; /* of functions; always where types are */
};

/**
 * cshared_judge() - the two texts of one file
 * @ret: added to, so that many files make one answer
 *
 * Errors: OAK_E_NOMEM, OAK_E_TOOLARGE (2^30 lines).
 */
int cshared_judge(const char *old, size_t old_len, const char *new, size_t new_len,
		  struct cshared *ret, struct oak_error *err) _must_check_;

#endif
