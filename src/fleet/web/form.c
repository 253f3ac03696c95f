/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a form sends. Source: https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"

#define FIELDS_MAX 256u
#define NAME_SHOWN 64

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place: what is decoded is never longer. Return: false: a malformed "%", or NUL. */
static bool decode(char *text, size_t len, size_t *ret_len)
{
	char *out = text;

	for (size_t i = 0; i < len; i++) {
		int c = text[i] == '+' ? ' ' : (unsigned char)text[i];

		if (c == '%') {
			int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(text[i + 2]);

			c = low < 0 ? 0 : high * 16 + low;
			i += 2;
		}
		if (c == 0)
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	*ret_len = (size_t)(out - text);
	return true;
}

/* A second value makes a list of the first one. */
static int add(json_t *form, const char *name, json_t *value)
{
	json_t *have = json_object_get(form, name), *list;

	if (!have)
		return json_object_set_new(form, name, value);
	if (json_is_array(have))
		return json_array_append_new(have, value);
	list = json_pack("[O, o]", have, value);
	return list ? json_object_set_new(form, name, list) : -1;
}

/* @text: "name=value", with a NUL at @len. */
static int add_field(json_t *form, char *text, size_t len, struct oak_error *err)
{
	char *value = memchr(text, '=', len);
	size_t name_len = value ? (size_t)(value - text) : len, value_len = 0;
	json_t *v;

	value = value ? value + 1 : text + len;
	if (!decode(value, (size_t)(text + len - value), &value_len))
		return oak_fail(err, OAK_E_FORMAT, "%.*s: is malformed",
				(int)(name_len < NAME_SHOWN ? name_len : NAME_SHOWN), text);
	if (!decode(text, name_len, &name_len) || !name_len)
		return oak_fail(err, OAK_E_FORMAT, "the form has a field with a malformed name");
	text[name_len] = '\0';
	v = json_stringn(value, value_len);
	if (!v)
		return oak_fail(err, OAK_E_FORMAT, "%.*s: is not UTF-8", NAME_SHOWN, text);
	if (add(form, text, v) < 0)
		return oak_fail(err, OAK_E_FORMAT, "the form has a field with a malformed name");
	return 0;
}

int form_parse(const void *data, size_t len, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *form = json_object();
	_cleanup_(freep) char *text = malloc(len + 1);
	size_t fields = 0;

	if (!form || !text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (len)
		memcpy(text, data, len);
	text[len] = '\0';
	for (char *at = text, *end = text + len; at < end;) {
		char *next = memchr(at, '&', (size_t)(end - at));
		char *stop = next ? next : end;
		int r = 0;

		*stop = '\0';
		if (stop > at && fields++ == FIELDS_MAX)
			return oak_fail(err, OAK_E_FORMAT, "the form has more than %u fields",
					FIELDS_MAX);
		if (stop > at)
			r = add_field(form, at, (size_t)(stop - at), err);
		if (r < 0)
			return r;
		at = stop + 1;
	}
	*ret = take_ptr(form);
	return 0;
}

const char *form_text(const json_t *form, const char *name)
{
	const char *s = json_string_value(json_object_get(form, name));

	return s ? s : "";
}
