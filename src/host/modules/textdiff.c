/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/textdiff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/modules/word.h"

#define CONTEXT ((size_t)3)

struct lines {
	struct word *v;
	size_t n;
};

static void lines_free(struct lines *l)
{
	free(l->v);
}

enum op {
	OP_SAME = ' ',
	OP_OLD = '-',
	OP_NEW = '+',
};

struct step {
	enum op op;
	size_t a, b; /* the lines before this step */
};

static int split(const char *text, struct lines *ret)
{
	const char *p = text;
	struct word line;
	size_t n = 0;

	while (word_line(&p, &line))
		n++;
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -OAK_E_NOMEM;
	for (p = text; word_line(&p, &ret->v[ret->n]);)
		ret->n++;
	return 0;
}

static bool same(struct word a, struct word b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/* lcs[i * (b.n + 1) + j]: the longest common part of what follows line i of a and line j of b. */
static uint16_t *common(const struct lines *a, const struct lines *b)
{
	size_t width = b->n + 1;
	uint16_t *lcs = calloc((a->n + 1) * width, sizeof(*lcs));

	for (size_t i = a->n; lcs && i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			uint16_t skip_a = lcs[(i + 1) * width + j], skip_b = lcs[i * width + j + 1];

			if (same(a->v[i], b->v[j]))
				lcs[i * width + j] = (uint16_t)(lcs[(i + 1) * width + j + 1] + 1);
			else
				lcs[i * width + j] = skip_a > skip_b ? skip_a : skip_b;
		}
	return lcs;
}

/* The steps from one text to the other; @steps has room for all lines of both. */
static size_t walk(const struct lines *a, const struct lines *b, const uint16_t *lcs,
		   struct step *steps)
{
	size_t i = 0, j = 0, n = 0, width = b->n + 1;

	while (i < a->n || j < b->n) {
		struct step *s = &steps[n++];

		*s = (struct step){ OP_NEW, i, j };
		if (lcs && i < a->n && j < b->n && same(a->v[i], b->v[j]))
			s->op = OP_SAME;
		else if (i < a->n &&
			 (j == b->n || !lcs || lcs[(i + 1) * width + j] >= lcs[i * width + j + 1]))
			s->op = OP_OLD;
		i += s->op != OP_NEW;
		j += s->op != OP_OLD;
	}
	return n;
}

/* The end of the hunk that begins at @from: where more than twice the context is the same. */
static size_t hunk_end(const struct step *steps, size_t n, size_t from)
{
	size_t end = from, quiet = 0;

	for (size_t i = from; i < n && quiet <= 2 * CONTEXT; i++) {
		quiet = steps[i].op == OP_SAME ? quiet + 1 : 0;
		if (!quiet)
			end = i + 1;
	}
	return end + CONTEXT < n ? end + CONTEXT : n;
}

static int add_hunk(const struct lines *a, const struct lines *b, const struct step *steps,
		    size_t n, struct buf *ret)
{
	size_t old = 0, new = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		old += steps[i].op != OP_NEW;
		new += steps[i].op != OP_OLD;
	}
	/* A side without lines is said to be behind the line before. */
	r = buf_printf(ret, "@@ -%zu,%zu +%zu,%zu @@\n", steps[0].a + (old > 0), old,
		       steps[0].b + (new > 0), new);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct word line = steps[i].op == OP_NEW ? b->v[steps[i].b] : a->v[steps[i].a];

		r = buf_printf(ret, "%c%.*s\n", (char)steps[i].op, (int)line.len, line.p);
	}
	return r;
}

static int add_hunks(const struct textdiff *d, const struct lines *a, const struct lines *b,
		     const struct step *steps, size_t n, struct buf *ret)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t from, end;

		if (steps[i].op == OP_SAME)
			continue;
		if (!any)
			r = buf_printf(ret, "--- %s\n+++ %s\n",
				       d->old_text ? d->old_name : "/dev/null",
				       d->new_text ? d->new_name : "/dev/null");
		any = true;
		from = i > CONTEXT ? i - CONTEXT : 0;
		end = hunk_end(steps, n, i);
		if (r == 0)
			r = add_hunk(a, b, steps + from, end - from, ret);
		i = end - 1;
	}
	return r;
}

static int differ(const struct textdiff *d, const char *old, const char *new, struct buf *ret)
{
	_cleanup_(lines_free) struct lines a = { 0 }, b = { 0 };
	_cleanup_(freep) struct step *steps = NULL;
	_cleanup_(freep) uint16_t *lcs = NULL;

	if (split(old, &a) < 0 || split(new, &b) < 0)
		return -OAK_E_NOMEM;
	steps = calloc(a.n + b.n + 1, sizeof(*steps));
	if (!steps)
		return -OAK_E_NOMEM;
	if (a.n <= TEXTDIFF_LINES_MAX && b.n <= TEXTDIFF_LINES_MAX) {
		lcs = common(&a, &b);
		if (!lcs)
			return -OAK_E_NOMEM;
	}
	return add_hunks(d, &a, &b, steps, walk(&a, &b, lcs, steps), ret);
}

int textdiff(const struct textdiff *d, struct buf *ret, struct oak_error *err)
{
	const char *old = d->old_text ? d->old_text : "", *new = d->new_text ? d->new_text : "";

	if (strcmp(old, new) == 0)
		return 0;
	return differ(d, old, new, ret) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
