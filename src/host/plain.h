/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain: text that others chose (a process its name, a user an image's), safe for a terminal. */
#ifndef OAK_HOST_PLAIN_H
#define OAK_HOST_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Cut at @size, always terminated; what is not printable ASCII becomes "?". @from: NULL is "". */
void plain_copy(char *ret, size_t size, const char *from);

/* Is there a text that ends within @size bytes, all of it printable ASCII? "" is one. Pure. */
bool plain_is(const char *text, size_t size);

#endif
