/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/debian-version.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct part {
	const char *p, *end;
};

static bool at_digit(const struct part *s)
{
	return s->p < s->end && isdigit((unsigned char)*s->p);
}

/* Weight of the next character of a run without digits: '~' before the end before letters. */
static int weight(const struct part *s)
{
	unsigned char c;

	if (s->p == s->end || at_digit(s))
		return 0;
	c = (unsigned char)*s->p;
	if (c == '~')
		return -1;
	return isalpha(c) ? c : c + 256;
}

static int compare_text(struct part *a, struct part *b)
{
	while ((a->p < a->end && !at_digit(a)) || (b->p < b->end && !at_digit(b))) {
		int d = weight(a) - weight(b);

		if (d)
			return d;
		a->p++;
		b->p++;
	}
	return 0;
}

static size_t skip_number(struct part *s)
{
	const char *start;

	while (at_digit(s) && *s->p == '0')
		s->p++;
	start = s->p;
	while (at_digit(s))
		s->p++;
	return (size_t)(s->p - start);
}

/* By length, then by digits: no number is too long. */
static int compare_number(struct part *a, struct part *b)
{
	size_t la = skip_number(a), lb = skip_number(b);

	if (la != lb)
		return la < lb ? -1 : 1;
	return la ? memcmp(a->p - la, b->p - lb, la) : 0;
}

static int compare_part(struct part a, struct part b)
{
	while (a.p < a.end || b.p < b.end) {
		int d = compare_text(&a, &b);

		if (d == 0)
			d = compare_number(&a, &b);
		if (d)
			return d;
	}
	return 0;
}

/* Takes the epoch off: what stands before the first colon, "" (as 0) without one. */
static struct part take_epoch(struct part *s)
{
	const char *colon = memchr(s->p, ':', (size_t)(s->end - s->p));
	struct part epoch = { s->p, colon ? colon : s->p };

	if (colon)
		s->p = colon + 1;
	return epoch;
}

/* Takes the revision off: what stands behind the last hyphen. */
static struct part take_revision(struct part *s)
{
	const char *hyphen = memrchr(s->p, '-', (size_t)(s->end - s->p));
	struct part revision = { hyphen ? hyphen + 1 : s->end, s->end };

	if (hyphen)
		s->end = hyphen;
	return revision;
}

int debian_version_compare(const char *a, const char *b)
{
	struct part ua = { a, a + strlen(a) }, ub = { b, b + strlen(b) };
	struct part ea = take_epoch(&ua), eb = take_epoch(&ub);
	struct part ra = take_revision(&ua), rb = take_revision(&ub);
	int d = compare_part(ea, eb);

	if (d == 0)
		d = compare_part(ua, ub);
	return d ? d : compare_part(ra, rb);
}
