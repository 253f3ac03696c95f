/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rows.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

#define DOCUMENT_MAX (1u << 20)

int rows_int(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(int64_t *)ctx = db_row_int(row, 0);
	return 1;
}

int rows_ignore(_unused_ void *ctx, _unused_ const struct db_row *row,
		_unused_ struct oak_error *err)
{
	return 0;
}

int rows_json(const struct db_row *row, int column, json_t **ret, struct oak_error *err)
{
	const char *text = db_row_text(row, column);

	return json_parse(text, strlen(text), DOCUMENT_MAX, "database", ret, err);
}

int rows_run(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
	     struct oak_error *err)
{
	int64_t r = db_run(db, s, args, n, err);

	return r < 0 ? (int)r : 0;
}

int rows_append(json_t *array, json_t *value, struct oak_error *err)
{
	if (!value || json_array_append_new(array, value))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int rows_like(const char *text, char *ret, size_t size, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *utf8 = json_string(text ? text : "");
	size_t n = 0;

	if (!utf8)
		return oak_fail(err, OAK_E_USAGE, "a filter is not UTF-8");
	ret[n++] = '%';
	for (; text && *text && n + 4 < size; text++) {
		if (strchr("%_!", *text))
			ret[n++] = '!';
		ret[n++] = (char)(*text >= 'A' && *text <= 'Z' ? *text + ('a' - 'A') : *text);
	}
	if (text && *text)
		return oak_fail(err, OAK_E_USAGE, "text: longer than any name");
	if (n > 1)
		ret[n++] = '%';
	ret[n] = '\0';
	return 0;
}

json_t *rows_time(int64_t s)
{
	return s ? json_integer(s) : json_null();
}
