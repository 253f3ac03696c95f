/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line-numbers: __LINE__ in code and data, which moves whenever a line is added above.
 *
 * In code it is known as such only where it is an argument that a table gives the name "line" to:
 * the constant goes into the argument's register, from there straight on to the call, and nothing
 * between reads or writes the register. Any other constant is a change: nothing is guessed.
 */
#ifndef OAK_BUILD_LINE_NUMBERS_H
#define OAK_BUILD_LINE_NUMBERS_H

#include "elf/model.h"

/*
 * Is all equal but line numbers? Only for code of one size, in which same_fields() holds. What
 * relocated fields hold is not looked at.
 */
bool same_code_but_lines(const struct model *om, atom_id o, const struct model *pm, atom_id p);

/*
 * Are two literals equal but for the line that linux/fortify-string.h (6.1) writes into what it
 * warns with, "field \"dev->name\" at net/core/dev.c:12"? Both end in a NUL.
 */
bool same_literal_but_line(const char *o, const char *p);

/* Which bits of the byte at @pos of a variable are of a line number, in a table of the kernel's? */
uint8_t line_bits(const struct model *m, atom_id id, uint64_t pos);

#endif
