/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flags: options of a program of Go's pflag library, in the arguments of its process.
 *
 * "--name=value", "--name value", "-x value", "-x=value", "-xvalue"; a switch takes its value only
 * with "=" ("--icc=false"). The programs take no other arguments, so that a word which does not
 * begin with "-" belongs to the option before it, also to one that we do not know. Pure.
 */
#ifndef OAK_AUDIT_FLAGS_H
#define OAK_AUDIT_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

struct flag {
	const char *name; /* without "--" */
	char letter;      /* or 0 */
	bool is_switch;
};

/* @argv: words, each ended by NUL, as in /proc/<pid>/cmdline; the first is the program. */
struct flag_words {
	const char *text;
	size_t len;
};

/*
 * The value number @i of an option, counted from 0; NULL after the last. That of a switch
 * without "=" is "true". Borrowed from @argv.
 */
const char *flag_value(const struct flag_words *argv, const struct flag *flag, size_t i);

/* As Go's strconv.ParseBool; anything else is @otherwise. */
bool flag_is_true(const char *value, bool otherwise);

#endif
