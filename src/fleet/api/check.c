/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/api.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:=-"

static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool fits(const json_t *v, const struct api_member *m, bool word)
{
	const char *text = json_string_value(v);

	return text && strlen(text) == json_string_length(v) && is_line(text) &&
	       (!word || text[strspn(text, WORD)] == '\0') &&
	       (int64_t)json_string_length(v) >= m->min && (int64_t)json_string_length(v) <= m->max;
}

static int check_text(const json_t *v, const struct api_member *m, struct oak_error *err)
{
	if (fits(v, m, m->type == API_WORD))
		return 0;
	return oak_fail(err, OAK_E_FORMAT, "%s: must be %s of %" PRIi64 " to %" PRIi64 " bytes",
			m->name, m->type == API_WORD ? "a plain word" : "a line of text", m->min,
			m->max);
}

static int check_number(const json_t *v, const struct api_member *m, struct oak_error *err)
{
	if (json_is_integer(v) && json_integer_value(v) >= m->min && json_integer_value(v) <= m->max)
		return 0;
	return oak_fail(err, OAK_E_FORMAT, "%s: must be a whole number, %" PRIi64 " to %" PRIi64,
			m->name, m->min, m->max);
}

static int check_bool(const json_t *v, const struct api_member *m, struct oak_error *err)
{
	if (json_is_boolean(v))
		return 0;
	return oak_fail(err, OAK_E_FORMAT, "%s: must be true or false", m->name);
}

static int check_words(const json_t *v, const struct api_member *m, struct oak_error *err)
{
	const struct api_member word = { .name = m->name, .min = 1, .max = API_NAME_MAX };
	size_t n = json_array_size(v);

	if (!json_is_array(v) || (int64_t)n < m->min || (int64_t)n > m->max)
		return oak_fail(err, OAK_E_FORMAT,
				"%s: must be a list of %" PRIi64 " to %" PRIi64 " words", m->name,
				m->min, m->max);
	for (size_t i = 0; i < n; i++) {
		if (!fits(json_array_get(v, i), &word, true))
			return oak_fail(err, OAK_E_FORMAT,
					"%s[%zu]: must be a plain word of 1 to %d bytes", m->name,
					i, API_NAME_MAX - 1);
		for (size_t k = 0; k < i; k++)
			if (json_equal(json_array_get(v, i), json_array_get(v, k)))
				return oak_fail(err, OAK_E_FORMAT, "%s[%zu]: given twice", m->name,
						i);
	}
	return 0;
}

static int check_any(const json_t *v, const struct api_member *m, struct oak_error *err)
{
	(void)v;
	(void)m;
	(void)err;
	return 0;
}

static int check_member(const json_t *body, const struct api_member *m, struct oak_error *err)
{
	static int (*const checks[])(const json_t *, const struct api_member *,
				     struct oak_error *) = {
		[API_TEXT] = check_text, [API_WORD] = check_text,   [API_NUMBER] = check_number,
		[API_BOOL] = check_bool, [API_WORDS] = check_words, [API_ANY] = check_any,
	};
	const json_t *v = json_object_get(body, m->name);

	if (v && !(json_is_null(v) && !m->required))
		return checks[m->type](v, m, err);
	return m->required ? oak_fail(err, OAK_E_FORMAT, "%s: is missing", m->name) : 0;
}

static bool is_member(const struct api_member *members, const char *name)
{
	for (const struct api_member *m = members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

int api_check_members(const json_t *body, const struct api_member *members, struct oak_error *err)
{
	for (void *i = json_object_iter((json_t *)(uintptr_t)body); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)body, i))
		if (!is_member(members, json_object_iter_key(i)))
			return oak_fail(err, OAK_E_FORMAT, "%.64s: there is no such member",
					json_object_iter_key(i));
	for (const struct api_member *m = members; m->name; m++) {
		int r = check_member(body, m, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Decimal digits alone, at most 18 of them. */
static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len <= 18 && text[len] == '\0';
}

static const struct route_query *query_row(const struct route_query *rows, const char *name)
{
	for (; rows && rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static int check_parameter(const struct http_pair *p, const struct route_query *row,
			   struct oak_error *err)
{
	if (!row)
		return oak_fail(err, OAK_E_USAGE, "%.64s: there is no such query parameter",
				p->name);
	if (strcmp(row->type, "integer") == 0 && !is_number(p->value))
		return oak_fail(err, OAK_E_USAGE, "%s: must be a whole number", p->name);
	if (strcmp(row->type, "boolean") == 0 && strcmp(p->value, "true") != 0 &&
	    strcmp(p->value, "false") != 0)
		return oak_fail(err, OAK_E_USAGE, "%s: must be true or false", p->name);
	return 0;
}

int api_check_query(const struct http_request *req, const struct route_query *query,
		    struct oak_error *err)
{
	for (size_t i = 0; i < req->n_query; i++) {
		int r = check_parameter(&req->query[i], query_row(query, req->query[i].name), err);

		if (r < 0)
			return r;
		for (size_t k = 0; k < i; k++)
			if (strcmp(req->query[i].name, req->query[k].name) == 0)
				return oak_fail(err, OAK_E_USAGE, "%s: given twice",
						req->query[i].name);
	}
	return 0;
}

const char *api_text(const struct api_call *c, const char *member)
{
	return json_get_str(c->body, member);
}

int64_t api_number(const struct api_call *c, const char *member, int64_t otherwise)
{
	const json_t *v = json_object_get(c->body, member);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool api_bool(const struct api_call *c, const char *member)
{
	return json_is_true(json_object_get(c->body, member));
}

int64_t api_query_number(const struct api_call *c, const char *name, int64_t otherwise)
{
	const char *text = http_query(c->req, name);
	int64_t n = 0;

	if (!text)
		return otherwise;
	for (; *text; text++) /* checked: at most 18 digits */
		n = n * 10 + (*text - '0');
	return n;
}

int api_limit(const struct api_call *c, unsigned *ret, struct oak_error *err)
{
	int64_t n = api_query_number(c, "limit", API_PAGE);

	if (n < 1 || n > API_PAGE_MAX)
		return oak_fail(err, OAK_E_USAGE, "limit: must be 1 to %d", API_PAGE_MAX);
	*ret = (unsigned)n;
	return 0;
}

int api_tristate(const struct api_call *c, const char *name)
{
	const char *text = http_query(c->req, name);

	if (!text)
		return 0;
	return strcmp(text, "true") == 0 ? 1 : -1;
}
