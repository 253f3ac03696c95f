/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traced: who else has a hand on a function: tracefs' list "enabled_functions".
 *
 * A line is "name [module] (count) R I D M tramp: ...", and "direct-->symbol+0x0/0x40" comes behind it
 * or on the next line, after a tab. 'I': somebody changes the instruction pointer
 * there (livepatch itself, or another tool), and only one can; 'D': a BPF trampoline.
 * Source: Documentation/trace/ftrace.rst, "enabled_functions".
 */
#ifndef OAK_HOST_TRACED_H
#define OAK_HOST_TRACED_H

#include <stdbool.h>

#include "base/buf.h"

struct traced {
	bool ip_modified;
	bool direct;
	char direct_to[64]; /* the trampoline's symbol, cut; "" not told */
};

/* From tracefs or debugfs, whichever is mounted. Return: 0 or -errno. */
int traced_read(int root, struct buf *ret) _must_check_;

/* Pure: what @list says of @function; all false where it is not there. */
struct traced traced_find(const char *list, const char *function);

#endif
