/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cursor: where a page of a list ended, as a word for a URL: a letter for the order, a number, a text. Pure. */
#ifndef OAK_FLEET_STORE_CURSOR_H
#define OAK_FLEET_STORE_CURSOR_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define CURSOR_TEXT_MAX 256 /* with the NUL */

struct cursor {
	char order;
	int64_t number;
	char text[CURSOR_TEXT_MAX]; /* UTF-8 */
};

/* On the heap; NULL: out of memory. */
char *cursor_write(const struct cursor *c);
/* Of a list in the order @order alone. Errors: OAK_E_USAGE. */
int cursor_read(const char *word, char order, struct cursor *ret, struct oak_error *err)
	_must_check_;

#endif
