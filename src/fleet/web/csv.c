/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"

static int add_quoted(struct buf *out, const char *text)
{
	int r = buf_add_str(out, "\"");

	for (const char *quote; !r && (quote = strchr(text, '"')); text = quote + 1) {
		r = buf_add(out, text, (size_t)(quote - text));
		if (!r)
			r = buf_add_str(out, "\"\"");
	}
	if (!r)
		r = buf_add_str(out, text);
	return r ? r : buf_add_str(out, "\"");
}

int csv_text(struct buf *out, bool first, const char *text)
{
	_cleanup_(buf_free) struct buf guarded = { 0 };
	int r = first ? 0 : buf_add_str(out, ",");

	if (!r && text[0] && strchr("=+-@\t\r\n", text[0])) {
		r = buf_printf(&guarded, "'%s", text);
		text = buf_str(&guarded);
	}
	if (r)
		return r;
	return strpbrk(text, "\",\r\n\t;") ? add_quoted(out, text) : buf_add_str(out, text);
}

static int add_list(struct buf *out, bool first, const json_t *list)
{
	_cleanup_(buf_free) struct buf words = { 0 };
	const json_t *word;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, word)
	{
		if (!r && json_is_string(word))
			r = buf_printf(&words, "%s%s", i ? " " : "", json_string_value(word));
	}
	return r ? r : csv_text(out, first, buf_str(&words));
}

int csv_json(struct buf *out, bool first, const json_t *value)
{
	if (json_is_string(value))
		return csv_text(out, first, json_string_value(value));
	if (json_is_array(value))
		return add_list(out, first, value);
	if (json_is_integer(value))
		return buf_printf(out, "%s%" JSON_INTEGER_FORMAT, first ? "" : ",",
				  json_integer_value(value));
	if (json_is_boolean(value))
		return csv_text(out, first, json_is_true(value) ? "yes" : "no");
	return csv_text(out, first, "");
}

int csv_end(struct buf *out)
{
	return buf_add_str(out, "\r\n");
}
