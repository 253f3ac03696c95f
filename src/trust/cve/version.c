/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/version.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FIELD      12
#define FIELD_MASK 0xfffu
#define NUMBERS    4
#define TOP        (FIELD * NUMBERS) /* where the first number stands */
#define RELEASE    FIELD_MASK

static unsigned field(uint64_t version, unsigned i)
{
	return (unsigned)(version >> (TOP - FIELD * i)) & FIELD_MASK;
}

/* Decimal digits without a leading zero, at most 4094. */
static bool number(const char **at, uint64_t *ret)
{
	const char *p = *at;
	uint64_t n = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n >= FIELD_MASK)
			return false;
	}
	*at = p;
	*ret = n;
	return true;
}

/* As many numbers as there are; the text behind them is left at @at. The count, 0 for none. */
static int numbers(const char **at, uint64_t *ret)
{
	uint64_t version = 0, n;
	int count = 0;

	while (count < NUMBERS && number(at, &n)) {
		version |= n << (TOP - FIELD * count);
		count++;
		if (count == NUMBERS || (*at)[0] != '.' || (*at)[1] < '0' || (*at)[1] > '9')
			break;
		(*at)++;
	}
	*ret = version;
	return count;
}

static bool candidate(const char **at, uint64_t *version)
{
	const char *p = *at;
	uint64_t n;

	if (p[0] != '-' || p[1] != 'r' || p[2] != 'c')
		return false;
	p += 3;
	if (!number(&p, &n) || n == 0)
		return false;
	*version |= n;
	*at = p;
	return true;
}

int cve_version_parse(const char *text, uint64_t *ret)
{
	uint64_t version;
	int count = numbers(&text, &version);

	if (count == 0)
		return -EINVAL;
	if (!candidate(&text, &version))
		version |= RELEASE;
	if (*text)
		return -EINVAL;
	*ret = version == RELEASE ? 0 : version; /* "0" is before everything */
	return count;
}

int cve_version_wild(const char *text, uint64_t *ret_lo, uint64_t *ret_hi)
{
	uint64_t version;
	int count;

	if (text[0] == '*' && !text[1]) {
		*ret_lo = 0;
		*ret_hi = CVE_VERSION_MAX;
		return 0;
	}
	count = numbers(&text, &version);
	if (count == 0 || count == NUMBERS || text[0] != '.' || text[1] != '*' || text[2])
		return -EINVAL;
	*ret_lo = version;
	*ret_hi = version + ((uint64_t)1 << (TOP - FIELD * (count - 1)));
	return 0;
}

int cve_version_of_release(const char *release, uint64_t *ret)
{
	uint64_t version;

	if (numbers(&release, &version) < 2 || *release == '.')
		return -EINVAL;
	if (!candidate(&release, &version))
		version |= RELEASE;
	*ret = version;
	return 0;
}

void cve_version_format(uint64_t version, char ret[CVE_VERSION_TEXT])
{
	unsigned last = field(version, 3) ? 3 : field(version, 2) ? 2 : 1;
	int len;

	if (version == 0 || version == CVE_VERSION_MAX) {
		(void)snprintf(ret, CVE_VERSION_TEXT, "%s", version ? "*" : "0");
		return;
	}
	len = snprintf(ret, CVE_VERSION_TEXT, "%u", field(version, 0));
	for (unsigned i = 1; i <= last; i++)
		len += snprintf(ret + len, CVE_VERSION_TEXT - (size_t)len, ".%u", field(version, i));
	if ((version & FIELD_MASK) != RELEASE)
		(void)snprintf(ret + len, CVE_VERSION_TEXT - (size_t)len, "-rc%u",
			       (unsigned)(version & FIELD_MASK));
}

int cve_version_same_branch(uint64_t a, uint64_t b)
{
	bool old = field(a, 0) == 2;
	unsigned shift = TOP - FIELD * (old ? 2 : 1);

	return a >> shift == b >> shift;
}

int cve_version_is_candidate(uint64_t version, uint64_t *ret_release)
{
	*ret_release = version | RELEASE;
	return (version & FIELD_MASK) != RELEASE;
}
