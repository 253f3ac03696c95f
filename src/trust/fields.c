/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fields.h"

#include <string.h>

#include "base/json.h"
#include "trust/date.h"
#include "trust/severity.h"

#define HEX  "0123456789abcdef"
#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:-"

const struct text_rule text_build_id = { HEX, 40, 40, "40 hex digits" };
const struct text_rule text_sha256 = { HEX, 64, 64, "64 hex digits" };
const struct text_rule text_word = { WORD, 1, 128, "a plain word" };
const struct text_rule text_line = { NULL, 1, 512, "a line of text" };
const struct text_rule text_title = { NULL, 0, 512, "a line of text" };

static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

bool text_follows(const char *text, const struct text_rule *rule)
{
	size_t len = strlen(text);

	return len >= rule->min && len <= rule->max &&
	       (rule->chars ? strspn(text, rule->chars) == len : is_line(text));
}

int field_text(const json_t *object, const char *key, const struct text_rule *rule,
	       const char **ret, struct oak_error *err)
{
	const char *text = json_get_str(object, key);

	if (!text)
		return oak_fail(err, OAK_E_FORMAT, "%s: missing, or not a string", key);
	if (!text_follows(text, rule))
		return oak_fail(err, OAK_E_FORMAT, "%s: not %s", key, rule->what);
	*ret = text;
	return 0;
}

int field_optional(const json_t *object, const char *key, const char **ret, struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value)) {
		*ret = NULL;
		return 0;
	}
	return field_text(object, key, &text_title, ret, err);
}

int field_date(const json_t *object, const char *key, int64_t *ret_s, struct oak_error *err)
{
	const char *text = json_get_str(object, key);

	if (!json_object_get(object, key)) {
		*ret_s = 0;
		return 0;
	}
	if (!text || date_parse(text, ret_s) < 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a date like 2026-01-31T00:00:00Z", key);
	return 0;
}

int field_severity(const json_t *object, const char *key, const char **ret, struct oak_error *err)
{
	uint32_t rank;
	int r = field_optional(object, key, ret, err);

	if (r == 0 && *ret && severity_parse(*ret, &rank) < 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: not low, medium, high or critical", key);
	return r;
}

int field_number(const json_t *object, const char *key, uint64_t min, uint64_t max, uint64_t *ret,
		 struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a number from %llu to %llu", key,
				(unsigned long long)min, (unsigned long long)max);
	*ret = (uint64_t)n;
	return 0;
}

int field_list(const json_t *object, const char *key, bool empty, size_t max, const json_t **ret,
	       size_t *ret_n, struct oak_error *err)
{
	const json_t *list = json_object_get(object, key);
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > max || (n == 0 && !empty))
		return oak_fail(err, OAK_E_FORMAT, "%s: not a list of %d to %zu", key,
				empty ? 0 : 1, max);
	*ret = list;
	*ret_n = n;
	return 0;
}
