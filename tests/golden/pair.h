/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the golden pairs need of the kernel's own headers. Each pair is one file, compiled twice:
 * as it is, and with PATCHED defined. Its expectations stand in lines of the form
 *
 *	expect changed NAME...      functions that the fix changes
 *	expect new NAME...	    functions and variables that it adds
 *	expect caller NAME...	    functions replaced because what they call cannot be
 *	expect unchanged	    the generated code is the same
 *	expect refused RULE SYMBOL  one a finding
 *	expect warning RULE SYMBOL  one a warning
 *
 * An "expect-gcc" or "expect-clang" line holds for that compiler alone. Names are stems: numbers that the compiler appends are left out (see name_stem()).
 */
#ifndef PAIR_H
#define PAIR_H

#define NULL	    ((void *)0)
#define noinline    __attribute__((noinline))
#define notrace	    __attribute__((no_instrument_function))
#define __init	    __attribute__((section(".init.text")))
#define __used	    __attribute__((used))

int printk(const char *fmt, ...);
void might(int line);
int read_value(void);

#endif
