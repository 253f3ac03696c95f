/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keep-lines: patched C source in which untouched lines keep the numbers that they had.
 *
 * A hunk that adds a line moves all below it, and every __LINE__ there, hidden in a warning or a
 * lock's name, would make its function look changed. So "#line N" follows such a hunk, at the
 * first line that can bear it: one that begins outside of comments, of spliced lines and of
 * parentheses (a directive among a macro's arguments is undefined). Where such a line stands
 * between #if and #endif the preprocessor may skip it; then another follows the #endif.
 *
 * The file's name stays, so __FILE__ does. Where no line can bear it nothing is inserted: more
 * functions look changed, none is missed.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-keep-lines.c.
 */
#ifndef OAK_BUILD_KEEP_LINES_H
#define OAK_BUILD_KEEP_LINES_H

#include "base/buf.h"

/* Appends the text of @new with the directives to @ret. Errors: OAK_E_NOMEM, OAK_E_TOOLARGE. */
int keep_lines(const char *old, size_t old_len, const char *new, size_t new_len, struct buf *ret,
	       struct oak_error *err) _must_check_;

#endif
