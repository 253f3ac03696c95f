/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

int json_parse(const void *data, size_t len, size_t max, const char *what, json_t **ret,
	       struct oak_error *err)
{
	json_error_t e;
	json_t *j;

	if (len > max)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: %zu bytes, at most %zu are accepted",
				what, len, max);
	j = json_loadb(data, len, JSON_REJECT_DUPLICATES, &e);
	if (!j)
		return oak_fail(err, OAK_E_FORMAT, "%s: line %d: %s", what, e.line, e.text);
	*ret = j;
	return 0;
}

const char *json_get_str(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

char *json_text(const json_t *json)
{
	_cleanup_(freep) char *s =
		json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	char *ret;

	if (!s || asprintf(&ret, "%s\n", s) < 0)
		return NULL;
	return ret;
}
