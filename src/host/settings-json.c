/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "host/settings-keys.h"
#include "host/settings-value.h"

/* One URL or another word: "https://user:secret@host/?key" becomes "https://host/". */
static int add_plain(struct buf *ret, const char *word, size_t len)
{
	const char *end = word + len, *host = memmem(word, len, "://", 3), *query, *at;

	if (!host)
		return buf_add(ret, word, len);
	host += 3;
	query = memchr(word, '?', len);
	if (query)
		end = query;
	if (host > end)
		host = end;
	/* curl takes the last '@' before the path; a secret with a '/' of its own goes too. */
	at = memrchr(host, '@', (size_t)(end - host));
	if (buf_add(ret, word, (size_t)(host - word)) < 0)
		return -1;
	return buf_add(ret, at ? at + 1 : host, (size_t)(end - (at ? at + 1 : host)));
}

static json_t *text_json(const char *value)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	while (*value) {
		size_t n = strcspn(value, " \t"), blanks = strspn(value + n, " \t");

		if (add_plain(&text, value, n) < 0 || buf_add(&text, value + n, blanks) < 0)
			return NULL;
		value += n + blanks;
	}
	/* A file may hold bytes that are no UTF-8. */
	return json_string(buf_str(&text)) ?: json_string("(not UTF-8)");
}

static json_t *duration_json(uint32_t s)
{
	char text[VALUE_TEXT_MAX];

	duration_format(s, text);
	return json_string(text);
}

static json_t *pin_json(const struct settings_pin *pin)
{
	char text[VALUE_TEXT_MAX];

	pin_format(pin, text);
	return pin->level || pin->until_s ? json_string(text) : json_null();
}

static json_t *windows_json(const struct settings *s)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (!s->n_windows)
		return json_null();
	return windows_format(s->windows, s->n_windows, &text) < 0 ? NULL
								   : json_string(buf_str(&text));
}

static json_t *value_json(const struct settings_key *key, const struct settings *s)
{
	const void *slot = (const char *)s + key->offset;
	const char *text;

	switch (key->kind) {
	case KEY_TEXT:
		text = *(const char *const *)slot;
		return text ? text_json(text) : json_null();
	case KEY_DURATION:
		return duration_json(*(const uint32_t *)slot);
	case KEY_NUMBER:
		return json_integer(*(const uint32_t *)slot);
	case KEY_WORD:
		return json_string(key->words[*(const uint32_t *)slot]);
	case KEY_PIN:
		return pin_json(slot);
	case KEY_WINDOWS:
	default:
		return windows_json(s);
	}
}

json_t *settings_json(const struct settings *s)
{
	_cleanup_(json_decrefp) json_t *ret = json_object();

	for (size_t i = 0; i < n_settings_keys; i++)
		if (json_object_set_new(ret, settings_keys[i].name,
					value_json(&settings_keys[i], s)) < 0)
			return NULL;
	return take_ptr(ret);
}
