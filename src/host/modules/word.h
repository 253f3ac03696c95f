/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * word: names and lines in the kernel's and kmod's text files. Borrowed text, never copied here.
 *
 * In names of modules and in aliases "-" and "_" are the same letter, but not within "[...]" of a
 * pattern. Source: kmod, shared/util.c underscores().
 */
#ifndef OAK_HOST_MODULES_WORD_H
#define OAK_HOST_MODULES_WORD_H

#include <stdbool.h>
#include <stddef.h>

#define MODULE_NAME_MAX 64u /* with the NUL; MODULE_NAME_LEN is 56 */

struct word {
	const char *p;
	size_t len;
};

/* The next line of *@text without its end, which *@text then points behind; false at the end. */
bool word_line(const char **text, struct word *ret);

/* The next word of *@line, between spaces and tabs; false where there is none. */
bool word_next(struct word *line, struct word *ret);

/* The next field up to @by, possibly empty; false at the end. */
bool word_split(struct word *line, char by, struct word *ret);

bool word_is(struct word w, const char *text);
bool word_starts(struct word w, const char *prefix);

/* Plain decimal digits that fit; see host/number.h. */
bool word_number(struct word w, unsigned *ret);

/* Cut at @size, what is not printable ASCII becomes "?". */
void word_copy(char *ret, size_t size, struct word w);

/* A module's name with "_" for "-"; false for an empty or too long one, or other letters. */
bool word_module(struct word w, char ret[MODULE_NAME_MAX]);

/* "kernel/fs/xfs/xfs.ko.zst" is "xfs"; false where that is no module. */
bool word_module_of_path(struct word path, char ret[MODULE_NAME_MAX]);

/* Are these the same, "-" and "_" being one letter? */
bool alias_equal(const char *a, const char *b);

/* Does @text begin so? */
bool alias_starts(const char *text, const char *prefix);

/* fnmatch() as kmod does it. */
bool alias_matches(const char *pattern, const char *alias);

#endif
