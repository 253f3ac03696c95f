/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decimal: a number on a command line or in a file of a test. */
#ifndef OAK_DECIMAL_H
#define OAK_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* Leading blanks are fine, and so is what follows a blank or the end of a line. */
static inline bool decimal_read(const char *text, uint64_t *ret)
{
	uint64_t n = 0;
	int digits = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	for (; *text >= '0' && *text <= '9' && digits < 19; text++, digits++)
		n = n * 10 + (uint64_t)(*text - '0');
	if (!digits || (*text && *text != ' ' && *text != '\n'))
		return false;
	*ret = n;
	return true;
}

#endif
