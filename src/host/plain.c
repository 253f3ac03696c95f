/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/plain.h"

#include <string.h>

static bool is_plain(char c)
{
	return (unsigned char)c >= ' ' && (unsigned char)c < 0x7f;
}

void plain_copy(char *ret, size_t size, const char *from)
{
	size_t n = 0;

	for (; from && from[n] && n + 1 < size; n++)
		ret[n] = (char)(is_plain(from[n]) ? from[n] : '?');
	ret[n] = '\0';
}

bool plain_is(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	for (; end && text < end; text++)
		if (!is_plain(*text))
			return false;
	return end != NULL;
}
