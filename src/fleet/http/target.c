/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/target.h"

#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at *@p, past which *@p is moved; -1: not "%" and two digits, or NUL. */
static int decode_byte(const char **p)
{
	int high, low;

	if (**p != '%')
		return (unsigned char)*(*p)++;
	high = hex_digit((*p)[1]);
	low = high < 0 ? -1 : hex_digit((*p)[2]);
	if (low < 0 || (high == 0 && low == 0))
		return -1;
	*p += 3;
	return high * 16 + low;
}

/* How many bytes the UTF-8 character at @s has; 0: none begins there. Overlong forms are none. */
static size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char mask, lead, low, high; /* the second byte's range is checked below */
		size_t len;
	} forms[] = {
		{ 0x80, 0x00, 0, 0, 1 },
		{ 0xe0, 0xc0, 0x80, 0xbf, 2 },
		{ 0xf0, 0xe0, 0x80, 0xbf, 3 },
		{ 0xf8, 0xf0, 0x80, 0xbf, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((s[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t k = 1; k < forms[i].len; k++)
			if (s[k] < forms[i].low || s[k] > forms[i].high)
				return 0;
		if ((forms[i].len == 2 && s[0] < 0xc2) || (s[0] == 0xe0 && s[1] < 0xa0) ||
		    (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) || s[0] > 0xf4 ||
		    (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return forms[i].len;
	}
	return 0;
}

static bool is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t n = utf8_length(s);

		if (!n)
			return false;
		s += n;
	}
	return true;
}

static bool segment_is_fine(const char *s, size_t len)
{
	return len && !(len == 1 && s[0] == '.') && !(len == 2 && s[0] == '.' && s[1] == '.');
}

/* A slash at the end is fine here; no route has one. */
static int check_segments(const char *path, struct oak_error *err)
{
	for (const char *s = path; s[0] == '/' && s[1]; s += 1 + strcspn(s + 1, "/"))
		if (!segment_is_fine(s + 1, strcspn(s + 1, "/")))
			return oak_fail(err, OAK_E_FORMAT,
					"the path has an empty segment, \".\" or \"..\"");
	return 0;
}

static int parse_path(char *path, struct oak_error *err)
{
	const char *in = path;
	char *out = path;

	if (path[0] != '/')
		return oak_fail(err, OAK_E_FORMAT, "the path does not begin with \"/\"");
	while (*in) {
		bool plain = *in != '%';
		int c = decode_byte(&in);

		if (c < 0)
			return oak_fail(err, OAK_E_FORMAT, "the path has a malformed \"%%\"");
		if (c < 0x20 || c == 0x7f || c == '\\' || (c == '/' && !plain) ||
		    (c == '#' && plain))
			return oak_fail(err, OAK_E_FORMAT,
					"the path has a character that is not "
					"allowed there");
		*out++ = (char)c;
	}
	*out = '\0';
	if (!is_utf8(path))
		return oak_fail(err, OAK_E_FORMAT, "the path is not UTF-8");
	return check_segments(path, err);
}

static int decode_query(char *text, struct oak_error *err)
{
	const char *in = text;
	char *out = text;

	while (*in) {
		bool plus = *in == '+';
		int c = decode_byte(&in);

		if (c < 0)
			return oak_fail(err, OAK_E_FORMAT, "the query has a malformed \"%%\"");
		*out++ = (char)(plus ? ' ' : c);
	}
	*out = '\0';
	if (!is_utf8(text))
		return oak_fail(err, OAK_E_FORMAT, "the query is not UTF-8");
	return 0;
}

static int parse_pair(char *text, struct http_target *t, struct oak_error *err)
{
	char *value = strchr(text, '=');
	int r;

	if (t->n_query == HTTP_QUERY_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the query has more than %d parameters",
				HTTP_QUERY_MAX);
	if (value)
		*value++ = '\0';
	else
		value = text + strlen(text);
	r = decode_query(text, err);
	if (r == 0)
		r = decode_query(value, err);
	t->query[t->n_query++] = (struct http_pair){ text, value };
	return r;
}

static int parse_query(char *text, struct http_target *t, struct oak_error *err)
{
	while (text) {
		char *next = strchr(text, '&');
		int r = 0;

		if (next)
			*next++ = '\0';
		if (text[0])
			r = parse_pair(text, t, err);
		if (r < 0)
			return r;
		text = next;
	}
	return 0;
}

int http_target_parse(char *text, struct http_target *ret, struct oak_error *err)
{
	char *query;
	int r;

	ret->path = text;
	ret->n_query = 0;
	if (strlen(text) > HTTP_TARGET_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the path is longer than %d bytes",
				HTTP_TARGET_MAX);
	query = strchr(text, '?');
	if (query)
		*query++ = '\0';
	r = parse_path(text, err);
	if (r < 0)
		return r;
	return parse_query(query, ret, err);
}
