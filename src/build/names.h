/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names: what the compiler does to the names of C.
 *
 * gcc appends numbers that mean nothing: ".constprop.0", ".isra.3", ".part.1", ".cold" to
 * functions, ".123" to static variables of functions. Some statics are made anew by macros at
 * each use and have no identity that a patch could break.
 */
#ifndef OAK_BUILD_NAMES_H
#define OAK_BUILD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_STEM_MAX 512 /* KSYM_NAME_LEN */

/**
 * name_stem() - the name without its meaningless numbers
 *
 * "count.12" -> "count.", "foo.constprop.0" -> "foo.constprop.", "__UNIQUE_ID_x123" -> as it is.
 * Longer names are cut, which can only make two of them look alike and so be refused.
 */
void name_stem(const char *name, char ret[NAME_STEM_MAX]);

/* Does the name end in a number of the compiler's? */
bool name_is_numbered(const char *name);

/* Made by a macro at each use (__func__, __warned, __key ...): always taken from the new object. */
bool name_is_fresh(const char *name);

#endif
