/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/psi.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "host/sysfs.h"

static const char *const names[PSI_N] = {
	[PSI_CPU] = "cpu",
	[PSI_MEMORY] = "memory",
	[PSI_IO] = "io",
};

const char *psi_name(enum psi_resource resource)
{
	return names[resource];
}

/* Digits at *@p, which moves behind them. Return: false where there are none, or too many. */
static bool read_digits(const char **p, uint64_t *ret)
{
	const char *from = *p;
	uint64_t n = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++)
		if (__builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(**p - '0'), &n))
			return false;
	*ret = n;
	return *p > from;
}

/* "12.34": always two digits behind the point. */
static bool read_percent(const char *p, double *ret)
{
	uint64_t whole, hundredths;
	const char *behind;

	if (!read_digits(&p, &whole) || whole > 100 || *p++ != '.')
		return false;
	behind = p;
	if (!read_digits(&p, &hundredths) || p != behind + 2)
		return false;
	*ret = (double)whole + (double)hundredths / 100;
	return true;
}

struct psi psi_parse(const char *text)
{
	static const char avg10[] = "some avg10=", total[] = " total=";
	const char *end = text + strcspn(text, "\n"), *p = strstr(text, total);
	struct psi psi = { .known = false };

	if (strncmp(text, avg10, sizeof(avg10) - 1) != 0 || !p || p > end)
		return psi;
	p += sizeof(total) - 1;
	if (!read_percent(text + sizeof(avg10) - 1, &psi.avg10) || !read_digits(&p, &psi.total_us))
		return (struct psi){ .known = false };
	psi.known = true;
	return psi;
}

struct psi psi_read(int root, enum psi_resource resource)
{
	char path[32], line[256];

	(void)snprintf(path, sizeof(path), "proc/pressure/%s", names[resource]);
	if (sysfs_read(root, path, line, sizeof(line)) < 0)
		return (struct psi){ .known = false };
	return psi_parse(line);
}
