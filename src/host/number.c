/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/number.h"

#include <errno.h>

int number_parse_u32(const char *text, uint32_t *ret)
{
	uint32_t n = 0;

	if (!text[0] || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint32_t)(*text - '0'), &n))
			return -EINVAL;
	}
	*ret = n;
	return 0;
}
