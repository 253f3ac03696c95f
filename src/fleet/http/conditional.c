/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/conditional.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

bool etag_listed(const char *list, const char *etag)
{
	size_t len = strlen(etag);

	for (const char *s = list + strspn(list, " \t,"); *s; s += strspn(s, " \t,")) {
		const char *end;

		if (*s == '*')
			return true;
		if (strncmp(s, "W/", 2) == 0)
			s += 2;
		if (*s != '"')
			return false;
		end = strchr(s + 1, '"');
		if (!end)
			return false;
		if ((size_t)(end + 1 - s) == len && memcmp(s, etag, len) == 0)
			return true;
		s = end + 1;
	}
	return false;
}

void http_date(int64_t s, char ret[32])
{
	time_t t = s;
	struct tm tm = { 0 };

	/* The C locale: a program that wants another one must not change what is on the wire. */
	(void)gmtime_r(&t, &tm);
	(void)strftime(ret, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Return: past the digits; NULL: there are none, or too many. */
static const char *parse_number(const char *s, uint64_t *ret)
{
	const char *start = s;

	for (*ret = 0; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(*ret, 10u, ret) ||
		    __builtin_add_overflow(*ret, (uint64_t)(*s - '0'), ret))
			return NULL;
	return s == start ? NULL : s;
}

static enum range_kind parse_suffix(const char *s, uint64_t size, uint64_t *ret_off,
				    uint64_t *ret_len)
{
	uint64_t n;

	s = parse_number(s, &n);
	if (!s || *s)
		return RANGE_NONE;
	if (!n || !size)
		return RANGE_BEYOND;
	*ret_len = n < size ? n : size;
	*ret_off = size - *ret_len;
	return RANGE_PART;
}

enum range_kind range_parse(const char *text, uint64_t size, uint64_t *ret_off, uint64_t *ret_len)
{
	uint64_t first, last = UINT64_MAX;
	const char *s = text;

	if (!s || strncmp(s, "bytes=", 6) != 0)
		return RANGE_NONE;
	s += 6;
	if (*s == '-')
		return parse_suffix(s + 1, size, ret_off, ret_len);
	s = parse_number(s, &first);
	if (!s || *s++ != '-')
		return RANGE_NONE;
	if (*s)
		s = parse_number(s, &last);
	if (!s || *s || last < first)
		return RANGE_NONE;
	if (first >= size)
		return RANGE_BEYOND;
	*ret_off = first;
	*ret_len = (last < size ? last + 1 : size) - first;
	return RANGE_PART;
}
