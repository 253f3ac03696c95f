/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail-words: encoded words in a subject, RFC 2047. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "trust/cve/mail.h"

#define WORD_MAX 256

/* One encoded word: "=?utf-8?Q?net:_fix=20it?=". */
struct word {
	const char *data;
	size_t len;   /* of the data */
	size_t whole; /* of the word */
	char how;     /* 'q', 'b' */
};

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static size_t from_q(const struct word *w, char ret[WORD_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < w->len && n < WORD_MAX; i++) {
		bool coded = w->data[i] == '=' && i + 2 < w->len;
		int hi = coded ? digit(w->data[i + 1]) : -1;
		int lo = hi >= 0 ? digit(w->data[i + 2]) : -1;

		if (lo >= 0) {
			ret[n++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			ret[n] = w->data[i];
			if (ret[n] == '_')
				ret[n] = ' ';
			n++;
		}
	}
	return n;
}

static size_t from_b(const struct word *w, char ret[WORD_MAX])
{
	size_t n = 0;

	if (sodium_base642bin((unsigned char *)ret, WORD_MAX, w->data, w->len, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) < 0)
		return 0;
	return n;
}

static bool is_charset(const char *name, size_t len)
{
	static const char *const known[] = { "utf-8", "iso-8859-1", "iso-8859-15", "us-ascii" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len && strncasecmp(known[i], name, len) == 0)
			return true;
	return false;
}

static bool read_word(const char *at, struct word *ret)
{
	const char *how, *end;

	if (strncmp(at, "=?", 2) != 0)
		return false;
	how = strchr(at + 2, '?');
	if (!how || !is_charset(at + 2, (size_t)(how - at - 2)) || !how[1] || how[2] != '?')
		return false;
	end = strstr(how + 3, "?=");
	if (!end)
		return false;
	*ret = (struct word){ .data = how + 3,
			      .len = (size_t)(end - how - 3),
			      .whole = (size_t)(end + 2 - at),
			      .how = (char)(how[1] | 0x20) };
	return ret->how == 'q' || ret->how == 'b';
}

void cve_mail_decode(const char *text, char *ret, size_t size)
{
	bool behind_word = false;
	struct word w;
	size_t n = 0;

	while (*text && n + 1 < size) {
		const char *next = text + strspn(text, " \t");
		char bytes[WORD_MAX];
		size_t len, room = size - 1 - n;

		/* Space between two encoded words belongs to the encoding. */
		if (behind_word && next != text && read_word(next, &w))
			text = next;
		behind_word = read_word(text, &w);
		if (!behind_word) {
			ret[n++] = *text++;
			continue;
		}
		len = w.how == 'q' ? from_q(&w, bytes) : from_b(&w, bytes);
		len = len < room ? len : room;
		memcpy(ret + n, bytes, len);
		n += len;
		text += w.whole;
	}
	ret[n] = '\0';
}
