/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define YEAR_DIGITS       4
#define NUMBER_DIGITS_MIN 4
#define NUMBER_DIGITS_MAX 9 /* so that it fits into 32 bits */

static int digits(const char *text, int min, int max, uint32_t *ret)
{
	uint32_t n = 0;
	int i = 0;

	for (; i < max && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (uint32_t)(text[i] - '0');
	*ret = n;
	return i < min ? -EINVAL : i;
}

int cve_id_parse(const char *text, uint32_t *ret_year, uint32_t *ret_number)
{
	uint32_t year, number;
	int n;

	if (strncmp(text, "CVE-", 4) != 0 || digits(text + 4, YEAR_DIGITS, YEAR_DIGITS, &year) < 0)
		return -EINVAL;
	text += 4 + YEAR_DIGITS;
	if (*text != '-')
		return -EINVAL;
	n = digits(text + 1, NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX, &number);
	/* More than four digits have no zero in front: one id, one text. */
	if (n < 0 || text[1 + n] || (n > NUMBER_DIGITS_MIN && text[1] == '0'))
		return -EINVAL;
	*ret_year = year;
	*ret_number = number;
	return 0;
}

void cve_id_format(uint32_t year, uint32_t number, char ret[CVE_ID_MAX])
{
	(void)snprintf(ret, CVE_ID_MAX, "CVE-%04u-%04u", (unsigned)(year % 10000),
		       (unsigned)(number % 1000000000));
}
