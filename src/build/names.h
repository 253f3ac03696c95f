/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names: what compilers and macros do to the names of C.
 *
 * gcc appends numbers that mean nothing: ".constprop.0", ".isra.3", ".part.1", ".cold.5" to
 * functions, ".123" to static variables of functions. clang puts the function before the variable
 * ("tick.state.1") and, with LTO, the module's hash behind everything (".llvm.4711"). Some statics
 * are made anew by macros at each use and have no identity that a patch could break.
 */
#ifndef OAK_BUILD_NAMES_H
#define OAK_BUILD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_STEM_MAX 512 /* KSYM_NAME_LEN */

/**
 * name_stem() - the name without its meaningless numbers
 *
 * "count.12" -> "count.", "foo.constprop.0" -> "foo.constprop.", "foo.llvm.12" -> "foo",
 * "__UNIQUE_ID_x123.4" -> "__UNIQUE_ID_x.". Never longer than the name. Longer names are cut,
 * which can only make two of them look alike and so be refused.
 */
void name_stem(const char *name, char ret[NAME_STEM_MAX]);

/* Has the name a number of the compiler's (".12"), which says nothing of identity? */
bool name_is_numbered(const char *name);

/* Length of the C identifier it begins with: "foo.isra.0.cold" is of "foo". */
size_t name_base_len(const char *name);

/* Length up to the compiler's first number: "tick.state.1" is "tick.state". */
size_t name_plain_len(const char *name);

/* Begins as the names do that macros make unique: __UNIQUE_ID_*, __addressable_*, __BTF_ID__*. */
bool name_is_made_unique(const char *name);

/**
 * name_is_fresh() - is it a static that is always taken from the new object?
 *
 * Such are made by a macro at each use, and starting anew harms nobody: __func__, __warned, __key,
 * _rs ... The name alone is no proof, for an author may call a variable so too: it must also lie
 * where the macro puts it.
 */
bool name_is_fresh(const char *name, const char *section);

#endif
