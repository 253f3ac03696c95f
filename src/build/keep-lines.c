/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/keep-lines.h"

#include <stdbool.h>

#include "base/cleanup.h"
#include "build/ctoken.h"
#include "build/linediff.h"

#define CONDITIONS_MAX 64

/* The compiler's number for a line is the line's own plus a shift; this one is not known. */
#define SHIFT_UNKNOWN INT64_MIN

struct condition {
	unsigned paren, first_branch;
	bool branched, marked; /* marked: a directive of ours stands in it */
};

struct keeper {
	const char *text;   /* the new one */
	const char *copied; /* up to here it is in out */
	const struct linediff *diff;
	size_t change; /* the next change, in order of lines */
	int64_t shift; /* what the compiler adds now */
	unsigned paren;
	struct condition open[CONDITIONS_MAX];
	size_t n_open, n_deeper;
	struct buf *out;
	struct oak_error *err;
};

/* The old number of a new line minus the new one; false: the line is new. */
static bool wanted_shift(struct keeper *k, uint32_t line, int64_t *ret)
{
	const struct linediff *d = k->diff;

	while (k->change < d->n && d->v[k->change].new_end <= line)
		k->change++;
	if (k->change < d->n && d->v[k->change].new_first <= line)
		return false;
	*ret = k->change ? (int64_t)d->v[k->change - 1].old_end - d->v[k->change - 1].new_end : 0;
	return true;
}

/* The start of the token's line, or NULL where more than space stands before the token. */
static const char *line_start(const struct keeper *k, const struct ctoken *t)
{
	const char *p = t->text;

	while (p > k->text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == k->text || p[-1] == '\n' ? p : NULL;
}

static int insert(struct keeper *k, const char *at, int64_t number)
{
	if (buf_add(k->out, k->copied, (size_t)(at - k->copied)) < 0 ||
	    buf_printf(k->out, "#line %lld\n", (long long)number) < 0)
		return oak_fail(k->err, OAK_E_NOMEM, "out of memory");
	k->copied = at;
	for (size_t i = 0; i < k->n_open; i++)
		k->open[i].marked = true;
	return 0;
}

static int begin_line(struct keeper *k, const struct ctoken *t)
{
	const char *at = line_start(k, t);
	int64_t wanted;

	if (!at || k->paren || !wanted_shift(k, t->line, &wanted) || wanted == k->shift)
		return 0;
	k->shift = wanted;
	return insert(k, at, t->line + wanted);
}

static void open_condition(struct keeper *k)
{
	if (k->n_open < CONDITIONS_MAX)
		k->open[k->n_open++] = (struct condition){ .paren = k->paren };
	else
		k->n_deeper++;
}

/* #elif, #else and #endif: what was inserted before may have been skipped. */
static void end_branch(struct keeper *k, bool close)
{
	struct condition *c = &k->open[k->n_open ? k->n_open - 1 : 0];

	if (k->n_deeper || !k->n_open) {
		k->n_deeper -= k->n_deeper && close;
		k->shift = SHIFT_UNKNOWN;
		return;
	}
	if (c->marked)
		k->shift = SHIFT_UNKNOWN;
	if (!close) {
		if (!c->branched)
			c->first_branch = k->paren;
		c->branched = true;
		k->paren = c->paren;
		return;
	}
	if (c->branched)
		k->paren = c->first_branch;
	k->n_open--;
}

/* @t is the directive's name. */
static void directive(struct keeper *k, const struct ctoken *t)
{
	if (ctoken_is(t, "if") || ctoken_is(t, "ifdef") || ctoken_is(t, "ifndef"))
		open_condition(k);
	else if (ctoken_is(t, "elif") || ctoken_is(t, "else"))
		end_branch(k, false);
	else if (ctoken_is(t, "endif"))
		end_branch(k, true);
}

static int walk(struct keeper *k, size_t len)
{
	struct ctokens tokens = ctokens_of(k->text, len);
	bool in_directive = false, after_hash = false;
	int r = 0;

	for (struct ctoken t = ctoken_next(&tokens); r == 0 && t.kind != CTOKEN_END;
	     t = ctoken_next(&tokens)) {
		if (after_hash)
			directive(k, &t);
		after_hash = t.starts_line && ctoken_is_char(&t, '#');
		if (t.starts_line) {
			in_directive = after_hash;
			r = begin_line(k, &t);
		}
		if (in_directive)
			continue;
		k->paren += ctoken_is_char(&t, '(');
		k->paren -= k->paren && ctoken_is_char(&t, ')');
	}
	return r;
}

int keep_lines(const char *old, size_t old_len, const char *new, size_t new_len, struct buf *ret,
	       struct oak_error *err)
{
	_cleanup_(linediff_free) struct linediff diff = { 0 };
	struct keeper k = { .text = new, .copied = new, .diff = &diff, .out = ret, .err = err };
	int r = linediff_run(old, old_len, new, new_len, &diff, err);

	if (r == 0)
		r = walk(&k, new_len);
	if (r == 0 && buf_add(ret, k.copied, (size_t)(new + new_len - k.copied)) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}
