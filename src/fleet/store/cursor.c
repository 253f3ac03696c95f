/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/hash.h"

#define PLAIN_MAX (CURSOR_TEXT_MAX + 32)

char *cursor_write(const struct cursor *c)
{
	char plain[PLAIN_MAX];
	int len = snprintf(plain, sizeof(plain), "%c%" PRId64 ":%s", c->order, c->number, c->text);
	char *hex = malloc(2 * sizeof(plain) + 1);

	if (hex)
		hex_encode(plain, (size_t)len, hex);
	return hex;
}

/* Digits and a colon after them. NULL: it is no number. */
static const char *read_number(const char *s, int64_t *ret)
{
	int64_t n = 0;
	size_t digits = 0;

	for (; s[digits] >= '0' && s[digits] <= '9' && digits < 18; digits++)
		n = 10 * n + (s[digits] - '0');
	*ret = n;
	return digits && s[digits] == ':' ? s + digits + 1 : NULL;
}

int cursor_read(const char *word, char order, struct cursor *ret, struct oak_error *err)
{
	uint8_t bytes[PLAIN_MAX] = { 0 };
	_cleanup_(json_decrefp) json_t *utf8 = NULL;
	struct cursor c = { .order = order };
	const char *s = (const char *)bytes;
	int n = strlen(word) < 2 * sizeof(bytes) ? hex_decode(word, bytes, sizeof(bytes) - 1) : -1;

	if (n > 0 && strlen(s) == (size_t)n && s[0] == order)
		s = read_number(s + 1, &c.number);
	else
		s = NULL;
	utf8 = s && strlen(s) < sizeof(c.text) ? json_string(s) : NULL;
	if (!utf8)
		return oak_fail(err, OAK_E_USAGE, "after: not a cursor of this list");
	(void)snprintf(c.text, sizeof(c.text), "%s", s);
	*ret = c;
	return 0;
}
