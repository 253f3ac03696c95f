/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/linediff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define LINES_MAX (1u << 30)

struct line {
	const char *p;
	size_t len;
};

struct lines {
	struct line *v;
	int32_t n;
};

static void lines_free(struct lines *l)
{
	free(l->v);
}

static int split(const char *text, size_t len, struct lines *ret, struct oak_error *err)
{
	const char *end = text + len;
	size_t n = 0;

	for (const char *p = text; p < end; n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		p = nl ? nl + 1 : end;
	}
	if (n > LINES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u lines", LINES_MAX);
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (const char *p = text; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *next = nl ? nl + 1 : end;

		ret->v[ret->n++] = (struct line){ p, (size_t)(next - p) };
		p = next;
	}
	return 0;
}

static bool equal(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

/*
 * The search for the shortest edit. reach[d] holds, for each diagonal k = -d .. d, how far down
 * the old text d edits lead; x - y = k, both counted from the end of the common beginning.
 */
struct search {
	const struct line *a, *b;
	int32_t n, m;
	int32_t *reach[LINEDIFF_MAX + 1]; /* reach[d][d + k] */
	int32_t edits;                    /* found */
};

static void search_free(struct search *s)
{
	for (int32_t d = 0; d <= LINEDIFF_MAX && s->reach[d]; d++)
		free(s->reach[d]);
}

/* Where diagonal @k of round @d starts: from the better neighbour of the round before. */
static int32_t start_of(const struct search *s, int32_t d, int32_t k, bool *ret_down)
{
	const int32_t *before = s->reach[d - 1] + d - 1;

	*ret_down = k == -d || (k != d && before[k - 1] < before[k + 1]);
	return *ret_down ? before[k + 1] : before[k - 1] + 1;
}

static bool extend(struct search *s, int32_t d, int32_t k)
{
	bool down;
	int32_t x = d ? start_of(s, d, k, &down) : 0, y = x - k;

	while (x < s->n && y >= 0 && y < s->m && equal(&s->a[x], &s->b[y])) {
		x++;
		y++;
	}
	s->reach[d][d + k] = x;
	return x >= s->n && y >= s->m;
}

/* Return: whether an edit of at most LINEDIFF_MAX lines was found; -code. */
static int search(struct search *s, struct oak_error *err)
{
	for (int32_t d = 0; d <= LINEDIFF_MAX; d++) {
		s->reach[d] = calloc(2 * (size_t)d + 1, sizeof(**s->reach));
		if (!s->reach[d])
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		for (int32_t k = -d; k <= d; k += 2) {
			if (extend(s, d, k)) {
				s->edits = d;
				return 1;
			}
		}
	}
	return 0;
}

static int add_change(struct linediff *d, size_t *cap, struct linechange c, struct oak_error *err)
{
	struct linechange *last = d->n ? &d->v[d->n - 1] : NULL;

	/* Found from the end: what touches the one found before it becomes one with it. */
	if (last && c.old_end == last->old_first && c.new_end == last->new_first) {
		last->old_first = c.old_first;
		last->new_first = c.new_first;
		return 0;
	}
	if (d->n == *cap) {
		struct linechange *v;

		*cap = *cap ? 2 * *cap : 16;
		v = reallocarray(d->v, *cap, sizeof(*v));
		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		d->v = v;
	}
	d->v[d->n++] = c;
	return 0;
}

/* Walks back from the end; each round is one line added or removed. @skip: common beginning. */
static int collect(const struct search *s, int32_t skip, struct linediff *ret, struct oak_error *err)
{
	uint32_t base = (uint32_t)skip + 1;
	int32_t k = s->n - s->m;
	size_t cap = 0;

	for (int32_t d = s->edits; d > 0; d--) {
		bool down;
		int32_t x = start_of(s, d, k, &down), y = x - k;
		struct linechange c = { base + (uint32_t)x, base + (uint32_t)x, base + (uint32_t)y,
					base + (uint32_t)y };
		int r;

		if (down)
			c.new_first--;
		else
			c.old_first--;
		r = add_change(ret, &cap, c, err);
		if (r < 0)
			return r;
		k += down ? 1 : -1;
	}
	for (size_t i = 0; i < ret->n / 2; i++) {
		struct linechange t = ret->v[i];

		ret->v[i] = ret->v[ret->n - 1 - i];
		ret->v[ret->n - 1 - i] = t;
	}
	return 0;
}

int linediff_run(const char *old, size_t old_len, const char *new, size_t new_len,
		 struct linediff *ret, struct oak_error *err)
{
	_cleanup_(lines_free) struct lines a = { 0 }, b = { 0 };
	_cleanup_(linediff_free) struct linediff d = { 0 };
	_cleanup_(search_free) struct search s = { 0 };
	int32_t skip = 0;
	size_t cap = 0;
	int r = split(old, old_len, &a, err);

	if (r == 0)
		r = split(new, new_len, &b, err);
	if (r < 0)
		return r;
	while (skip < a.n && skip < b.n && equal(&a.v[skip], &b.v[skip]))
		skip++;
	s.a = a.v + skip;
	s.b = b.v + skip;
	s.n = a.n - skip;
	s.m = b.n - skip;
	while (s.n && s.m && equal(&s.a[s.n - 1], &s.b[s.m - 1])) {
		s.n--;
		s.m--;
	}
	r = search(&s, err);
	if (r > 0)
		r = collect(&s, skip, &d, err);
	else if (r == 0)
		r = add_change(&d, &cap,
			       (struct linechange){ (uint32_t)skip + 1, (uint32_t)(skip + s.n) + 1,
						    (uint32_t)skip + 1, (uint32_t)(skip + s.m) + 1 },
			       err);
	if (r < 0)
		return r;
	*ret = d;
	d = (struct linediff){ 0 };
	return 0;
}

void linediff_free(struct linediff *d)
{
	free(d->v);
	*d = (struct linediff){ 0 };
}
