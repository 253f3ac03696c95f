/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/canonical.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct member {
	const char *name;
	size_t len;
	const json_t *value;
};

static int emit(const json_t *value, unsigned depth, struct buf *ret, struct oak_error *err);

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int emit_text(const char *text, struct buf *ret, struct oak_error *err)
{
	return buf_add_str(ret, text) < 0 ? out_of_memory(err) : 0;
}

static int emit_string(const char *s, size_t len, struct buf *ret, struct oak_error *err)
{
	size_t from = 0;

	if (buf_add(ret, "\"", 1) < 0)
		return out_of_memory(err);
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '"' && s[i] != '\\')
			continue;
		if (buf_add(ret, s + from, i - from) < 0 || buf_add(ret, "\\", 1) < 0)
			return out_of_memory(err);
		from = i;
	}
	if (buf_add(ret, s + from, len - from) < 0 || buf_add(ret, "\"", 1) < 0)
		return out_of_memory(err);
	return 0;
}

static int emit_integer(json_int_t n, struct buf *ret, struct oak_error *err)
{
	if (n > CANONICAL_INTEGER_MAX || n < -CANONICAL_INTEGER_MAX)
		return oak_fail(err, OAK_E_FORMAT, "an integer beyond 2^53");
	return buf_printf(ret, "%lld", (long long)n) < 0 ? out_of_memory(err) : 0;
}

/* By bytes, which for UTF-8 is by code points; the shorter of two equal beginnings first. */
static int compare_members(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	size_t min = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->name, b->name, min);

	if (c)
		return c;
	return (a->len > b->len) - (a->len < b->len);
}

static struct member *sorted_members(const json_t *object, size_t n)
{
	struct member *members = calloc(n, sizeof(*members));
	/* jansson's iterators want a pointer to non-const and change nothing. */
	json_t *o = (json_t *)(uintptr_t)object;
	size_t i = 0;

	if (!members)
		return NULL;
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		assert(i < n);
		members[i++] = (struct member){ .name = json_object_iter_key(it),
						.len = json_object_iter_key_len(it),
						.value = json_object_iter_value(it) };
	}
	qsort(members, n, sizeof(*members), compare_members);
	return members;
}

static int emit_object(const json_t *object, unsigned depth, struct buf *ret, struct oak_error *err)
{
	size_t n = json_object_size(object);
	_cleanup_(freep) struct member *members = NULL;
	int r;

	if (n == 0)
		return emit_text("{}", ret, err);
	members = sorted_members(object, n);
	if (!members)
		return out_of_memory(err);
	for (size_t i = 0; i < n; i++) {
		r = emit_text(i ? "," : "{", ret, err);
		if (r == 0)
			r = emit_string(members[i].name, members[i].len, ret, err);
		if (r == 0)
			r = emit_text(":", ret, err);
		if (r == 0)
			r = emit(members[i].value, depth, ret, err);
		if (r < 0)
			return r;
	}
	return emit_text("}", ret, err);
}

static int emit_array(const json_t *array, unsigned depth, struct buf *ret, struct oak_error *err)
{
	int r = emit_text("[", ret, err);

	for (size_t i = 0; r == 0 && i < json_array_size(array); i++) {
		if (i)
			r = emit_text(",", ret, err);
		if (r == 0)
			r = emit(json_array_get(array, i), depth, ret, err);
	}
	return r < 0 ? r : emit_text("]", ret, err);
}

static int emit(const json_t *value, unsigned depth, struct buf *ret, struct oak_error *err)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (depth == CANONICAL_DEPTH_MAX)
			return oak_fail(err, OAK_E_FORMAT, "nested deeper than %d",
					CANONICAL_DEPTH_MAX);
		return json_is_object(value) ? emit_object(value, depth + 1, ret, err)
					     : emit_array(value, depth + 1, ret, err);
	case JSON_STRING:
		return emit_string(json_string_value(value), json_string_length(value), ret, err);
	case JSON_INTEGER:
		return emit_integer(json_integer_value(value), ret, err);
	case JSON_TRUE:
		return emit_text("true", ret, err);
	case JSON_FALSE:
		return emit_text("false", ret, err);
	case JSON_NULL:
		return emit_text("null", ret, err);
	case JSON_REAL:
	default:
		return oak_fail(err, OAK_E_FORMAT, "a number that is not an integer");
	}
}

int canonical_json(const json_t *value, struct buf *ret, struct oak_error *err)
{
	assert(value && ret);
	return emit(value, 0, ret, err);
}
