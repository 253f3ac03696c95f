/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fleet/members.h"

#include <string.h>

#include "base/json.h"

#define HEX      "0123456789abcdef"
#define WORD     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:-"
#define TIME_MAX 253402300799 /* the end of 9999 */

const struct text_rule fleet_host_id = { HEX, 32, 32, "32 hex digits" };
const struct text_rule fleet_rollout_id = { HEX, 16, 16, "16 hex digits" };
const struct text_rule fleet_key = { HEX, 64, 64, "64 hex digits" };
const struct text_rule fleet_seal = { HEX, 128, 128, "128 hex digits" };
const struct text_rule fleet_word = { WORD, 1, 63, "a plain word" };
const struct text_rule fleet_tag = { WORD "=", 1, 63, "a tag" };

int member_text(const json_t *object, const char *key, const struct text_rule *rule, char *ret,
		struct oak_error *err)
{
	const char *text = NULL;
	int r = field_text(object, key, rule, &text, err);

	if (r == 0)
		memcpy(ret, text, strlen(text) + 1);
	return r;
}

int member_word(const json_t *object, const char *key, const struct text_rule *rule, char *ret,
		struct oak_error *err)
{
	if (json_object_get(object, key))
		return member_text(object, key, rule, ret, err);
	ret[0] = '\0';
	return 0;
}

/* jansson gives valid UTF-8: a C1 control is 0xc2 and a byte from 0x80 to 0x9f. */
static void make_plain(char *text)
{
	unsigned char *to = (unsigned char *)text, *from = to;

	for (; *from; from++, to++) {
		*to = *from;
		if (*from < ' ' || *from == 0x7f)
			*to = '?';
		if (from[0] == 0xc2 && from[1] < 0xa0) {
			*to = '?';
			from++;
		}
	}
	*to = '\0';
}

int member_line(const json_t *object, const char *key, char *ret, size_t size, struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	ret[0] = '\0';
	if (!value)
		return 0;
	if (!text || strlen(text) >= size)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a text of at most %zu bytes", key,
				size - 1);
	memcpy(ret, text, strlen(text) + 1);
	make_plain(ret);
	return 0;
}

int member_number(const json_t *object, const char *key, uint64_t max, uint64_t otherwise,
		  uint64_t *ret, struct oak_error *err)
{
	*ret = otherwise;
	return json_object_get(object, key) ? field_number(object, key, 0, max, ret, err) : 0;
}

int member_time(const json_t *object, const char *key, int64_t *ret_s, struct oak_error *err)
{
	uint64_t n = 0;
	int r = field_number(object, key, 0, TIME_MAX, &n, err);

	*ret_s = (int64_t)n;
	return r;
}

int member_object(const json_t *object, const char *key, const json_t **ret, struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_object(value))
		return oak_fail(err, OAK_E_FORMAT, "%s: not an object", key);
	*ret = value;
	return 0;
}

int member_words(const json_t *object, const char *key, const struct text_rule *rule, size_t max,
		 const json_t **ret, struct oak_error *err)
{
	const json_t *list = json_object_get(object, key), *word;
	size_t i;

	*ret = list;
	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > max)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a list of 0 to %zu", key, max);
	json_array_foreach(list, i, word) if (!json_is_string(word) ||
					      !text_follows(json_string_value(word),
							    rule)) return oak_fail(err,
										   OAK_E_FORMAT,
										   "%s: not %s",
										   key, rule->what);
	return 0;
}

int member_objects(const json_t *object, const char *key, size_t max, const json_t **ret,
		   struct oak_error *err)
{
	const json_t *list = json_object_get(object, key), *each;
	size_t i;

	*ret = list;
	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > max)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a list of 0 to %zu", key, max);
	json_array_foreach(list, i, each) if (!json_is_object(each)) return oak_fail(
		err, OAK_E_FORMAT, "%s: not a list of objects", key);
	return 0;
}
