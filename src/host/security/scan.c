/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/scan.h"

#include <string.h>

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

bool scan_u64(const char **p, unsigned base, uint64_t *ret)
{
	const char *at = *p + strspn(*p, " \t"), *start = at;
	uint64_t n = 0;

	for (; digit_of(*at) < base; at++)
		if (__builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, digit_of(*at), &n))
			return false;
	if (at == start)
		return false;
	*p = at;
	*ret = n;
	return true;
}

bool scan_u32(const char **p, unsigned base, uint32_t *ret)
{
	const char *at = *p;
	uint64_t n;

	if (!scan_u64(&at, base, &n) || n > UINT32_MAX)
		return false;
	*p = at;
	*ret = (uint32_t)n;
	return true;
}

bool scan_char(const char **p, char c)
{
	if (**p != c || !c)
		return false;
	(*p)++;
	return true;
}

void scan_next_line(const char **p)
{
	*p += strcspn(*p, "\n");
	*p += **p == '\n';
}
