/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/version.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two runs of digits as numbers of any length; moves both behind them. */
static int compare_numbers(const char **a, const char **b)
{
	size_t n = 0, m = 0;
	int d;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	while (is_digit((*a)[n]))
		n++;
	while (is_digit((*b)[m]))
		m++;
	d = n != m ? (n < m ? -1 : 1) : strncmp(*a, *b, n);
	*a += n;
	*b += m;
	return d;
}

/* Where the numbers of a release end: at what makes it one before it, or at the end. */
static size_t release_length(const char *v)
{
	return strcspn(v, "-+~");
}

static int compare_release(const char *a, const char *b)
{
	size_t n = release_length(a), m = release_length(b);
	const char *a_end = a + n, *b_end = b + m;

	while (a < a_end || b < b_end) {
		int d = compare_numbers(&a, &b);

		if (d)
			return d;
		/* Letters within a release ("1.2b") in the order of their bytes. */
		while ((a < a_end && *a != '.' && !is_digit(*a)) ||
		       (b < b_end && *b != '.' && !is_digit(*b))) {
			char x = (char)(a < a_end ? *a : '\0'), y = (char)(b < b_end ? *b : '\0');

			if (x != y)
				return x < y ? -1 : 1;
			a++;
			b++;
		}
		a += a < a_end && *a == '.';
		b += b < b_end && *b == '.';
	}
	return 0;
}

/* "rc.3", "rc95", "beta.0": words by their bytes, numbers as numbers, the longer is later. */
static int compare_pre(const char *a, const char *b)
{
	while (*a && *b && *a != '+' && *b != '+') {
		int d;

		if (is_digit(*a) && is_digit(*b)) {
			d = compare_numbers(&a, &b);
			if (d)
				return d;
			continue;
		}
		if (*a != *b) {
			/* "rc3" and "rc.3" are the same. */
			if (*a == '.' && is_digit(*b)) {
				a++;
				continue;
			}
			if (*b == '.' && is_digit(*a)) {
				b++;
				continue;
			}
			return *a < *b ? -1 : 1;
		}
		a++;
		b++;
	}
	return (*a && *a != '+') - (*b && *b != '+');
}

/* What makes it a version before the release: after the first '-' or '~'; "" where nothing. */
static const char *pre_release(const char *v)
{
	v += release_length(v);
	return *v == '-' || *v == '~' ? v + 1 : "";
}

int version_compare(const char *a, const char *b)
{
	const char *x, *y;
	int d;

	a += (*a == 'v' || *a == 'V') && is_digit(a[1]);
	b += (*b == 'v' || *b == 'V') && is_digit(b[1]);
	d = compare_release(a, b);
	if (d)
		return d;
	x = pre_release(a);
	y = pre_release(b);
	if (!*x || !*y)
		return !*x - !*y;
	return compare_pre(x, y);
}

void version_upstream(const char *package_version, char *ret, size_t size)
{
	static const char *const pre[] = { "rc", "beta", "alpha" };
	const char *colon = strchr(package_version, ':'), *dash;
	char *tilde, *plus;

	if (colon)
		package_version = colon + 1;
	dash = strrchr(package_version, '-');
	(void)snprintf(ret, size, "%.*s",
		       (int)(dash ? (size_t)(dash - package_version) : strlen(package_version)),
		       package_version);
	plus = strchr(ret, '+');
	if (plus)
		*plus = '\0';
	tilde = strchr(ret, '~');
	if (!tilde)
		return;
	for (size_t i = 0; i < sizeof(pre) / sizeof(pre[0]); i++) {
		if (strncmp(tilde + 1, pre[i], strlen(pre[i])) == 0) {
			*tilde = '-';
			tilde = strchr(tilde, '~');
			if (tilde)
				*tilde = '\0';
			return;
		}
	}
	*tilde = '\0';
}
