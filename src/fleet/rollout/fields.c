/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/fields.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/words.h"

int rollout_number_read(const json_t *json, const struct rollout_field *f, uint32_t *ret,
			struct oak_error *err)
{
	json_int_t n = json_integer_value(json);

	if (!json_is_integer(json) || n < (json_int_t)f->min || n > (json_int_t)f->max)
		return oak_fail(err, OAK_E_FORMAT, "%s: a number from %u to %u", f->name, f->min,
				f->max);
	*ret = (uint32_t)n;
	return 0;
}

static int read_duration(const json_t *json, const struct rollout_field *f, uint32_t *ret,
			 struct oak_error *err)
{
	char min[DURATION_TEXT_MAX], max[DURATION_TEXT_MAX];
	uint32_t s;

	if (!json_is_string(json) || duration_parse(json_string_value(json), &s) < 0 ||
	    s < f->min || s > f->max) {
		duration_format(f->min, min);
		duration_format(f->max, max);
		return oak_fail(err, OAK_E_FORMAT, "%s: a duration from \"%s\" to \"%s\"", f->name,
				min, max);
	}
	*ret = s;
	return 0;
}

static int read_field(const json_t *json, const struct rollout_field *f, char *at,
		      struct oak_error *err)
{
	uint32_t n = 0;
	bool on = json_is_true(json);
	int r;

	if (f->kind == FIELD_OTHER)
		return 0;
	if (f->kind == FIELD_SWITCH) {
		if (!json_is_boolean(json))
			return oak_fail(err, OAK_E_FORMAT, "%s: true or false", f->name);
		memcpy(at + f->offset, &on, sizeof(on));
		return 0;
	}
	r = f->kind == FIELD_NUMBER ? rollout_number_read(json, f, &n, err)
				    : read_duration(json, f, &n, err);
	if (r == 0)
		memcpy(at + f->offset, &n, sizeof(n));
	return r;
}

static int unknown(const char *key, const struct rollout_field *fields, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf known = { 0 };
	int r = 0;

	for (const struct rollout_field *f = fields; f->name && r == 0; f++)
		r = buf_printf(&known, "%s%s", f == fields ? "" : ", ", f->name);
	return oak_fail(err, OAK_E_FORMAT, "\"%.64s\" is not one of %s", key, buf_str(&known));
}

int rollout_fields_read(const json_t *json, const struct rollout_field *fields, void *ret,
			struct oak_error *err)
{
	void *it;

	if (!json_is_object(json))
		return oak_fail(err, OAK_E_FORMAT, "not an object");
	/* jansson's iterators are not const, and change nothing. */
	for (it = json_object_iter((json_t *)(uintptr_t)json); it;
	     it = json_object_iter_next((json_t *)(uintptr_t)json, it)) {
		const struct rollout_field *f = fields;
		int r;

		while (f->name && strcmp(f->name, json_object_iter_key(it)) != 0)
			f++;
		r = f->name ? read_field(json_object_iter_value(it), f, ret, err)
			    : unknown(json_object_iter_key(it), fields, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int rollout_text_read(const json_t *json, const char *name, char *ret, size_t size,
		      struct oak_error *err)
{
	const char *text = json_string_value(json);
	size_t len = text ? strlen(text) : 0;
	bool good = len && len < size && json_string_length(json) == len && text[0] != ' ' &&
		    text[len - 1] != ' ';

	for (size_t i = 0; good && i < len; i++)
		good = (unsigned char)text[i] >= ' ' && text[i] != 0x7f;
	if (!good)
		return oak_fail(err, OAK_E_FORMAT, "%s: a text of 1 to %zu bytes on one line", name,
				size - 1);
	memcpy(ret, text, len + 1);
	return 0;
}

int rollout_word_read(const json_t *json, const char *name, char *ret, size_t size,
		      struct oak_error *err)
{
	const char *text = json_string_value(json);
	size_t len = text ? strlen(text) : 0;
	bool good = len && len < size && json_string_length(json) == len;

	for (size_t i = 0; good && i < len; i++)
		good = text[i] > ' ' && text[i] < 0x7f && !strchr("\"'\\,;<>", text[i]);
	if (!good)
		return oak_fail(err, OAK_E_FORMAT, "%s%sa word of 1 to %zu letters",
				name ? name : "", name ? ": " : "", size - 1);
	memcpy(ret, text, len + 1);
	return 0;
}

int rollout_choice_read(const json_t *json, const char *name, const char *const *words, size_t *ret,
			struct oak_error *err)
{
	_cleanup_(buf_free) struct buf list = { 0 };
	const char *text = json_string_value(json);
	int r = 0;

	for (size_t i = 0; words[i]; i++)
		if (text && strcmp(words[i], text) == 0) {
			*ret = i;
			return 0;
		}
	for (size_t i = 0; words[i] && r == 0; i++)
		r = buf_printf(&list, "%s\"%s\"", i ? ", " : "", words[i]);
	return oak_fail(err, OAK_E_FORMAT, "%s: one of %s", name, buf_str(&list));
}
