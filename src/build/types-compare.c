/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/types.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* One entity of each side. */
struct pair {
	const struct types *orig, *patched;
	const struct type *a, *b;
	struct findings *findings; /* NULL: only tell whether they differ */
	struct oak_error *err;
};

static const char *text(const struct types *t, uint32_t at)
{
	return (const char *)t->text.data + at;
}

static bool same_row(const struct types *x, const struct type_row *a, const struct types *y,
		     const struct type_row *b)
{
	return a->at == b->at && a->n_bits == b->n_bits &&
	       strcmp(text(x, a->name), text(y, b->name)) == 0 &&
	       strcmp(text(x, a->shape), text(y, b->shape)) == 0;
}

static bool same_rows(const struct pair *p)
{
	if (p->a->n != p->b->n || p->a->n_bytes != p->b->n_bytes)
		return false;
	for (size_t i = 0; i < p->a->n; i++)
		if (!same_row(p->orig, &p->orig->rows[p->a->first + i], p->patched,
			      &p->patched->rows[p->b->first + i]))
			return false;
	return true;
}

struct row_index {
	const struct types *t;
	const struct type_row **v; /* by name, then place */
	size_t n;
};

static int compare_rows(const void *a, const void *b, void *index)
{
	const struct types *t = ((const struct row_index *)index)->t;
	const struct type_row *x = *(const struct type_row *const *)a;
	const struct type_row *y = *(const struct type_row *const *)b;
	int r = strcmp(text(t, x->name), text(t, y->name));

	return r ? r : (x > y) - (x < y);
}

static int index_rows(const struct types *t, const struct type *of, struct row_index *ret,
		      struct oak_error *err)
{
	ret->t = t;
	ret->n = of->n;
	ret->v = calloc(of->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < of->n; i++)
		ret->v[i] = &t->rows[of->first + i];
	if (of->n)
		qsort_r(ret->v, ret->n, sizeof(ret->v[0]), compare_rows, ret);
	return 0;
}

static void row_index_free(struct row_index *i)
{
	free(i->v);
}

/* The first difference in words; longer ones tell no more. */
struct story {
	char text[300];
	uint64_t at; /* of the member, so that the first one is told */
};

static void tell(struct story *s, uint64_t at, const char *fmt, ...) _printf_(3, 4);
static void tell(struct story *s, uint64_t at, const char *fmt, ...)
{
	va_list ap;

	if (s->text[0] && s->at <= at)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
	s->at = at;
}

/* "byte 8", "byte 8 bit 3" */
struct place {
	char text[48];
};

static struct place place_of(const struct type_row *row)
{
	struct place p;

	if (row->n_bits || row->at % 8)
		(void)snprintf(p.text, sizeof(p.text),
			       "byte %" PRIu64 " bit %" PRIu64 " (%" PRIu64 " wide)", row->at / 8,
			       row->at % 8, row->n_bits);
	else
		(void)snprintf(p.text, sizeof(p.text), "byte %" PRIu64, row->at / 8);
	return p;
}

/* A member that both have; one that moves because of another before it is told of later. */
static void tell_member(const struct pair *p, const struct type_row *a, const struct type_row *b,
			struct story *s)
{
	const char *was = text(p->orig, a->shape), *is = text(p->patched, b->shape);

	if (a->at != b->at || a->n_bits != b->n_bits)
		tell(s, 2 * a->at + 1, "member %s moves from %s to %s", text(p->orig, a->name),
		     place_of(a).text, place_of(b).text);
	else if (strcmp(was, is) != 0)
		tell(s, 2 * a->at, "member %s at %s changes from %.80s to %.80s",
		     text(p->orig, a->name), place_of(a).text, was, is);
}

/* So that negative ones come first. */
static uint64_t order_of_value(uint64_t value)
{
	return value ^ (UINT64_C(1) << 63);
}

static void tell_constant(const struct pair *p, const struct type_row *a, const struct type_row *b,
			  struct story *s)
{
	if (a->at != b->at)
		tell(s, order_of_value(a->at), "constant %s changes from %" PRId64 " to %" PRId64,
		     text(p->orig, a->name), (int64_t)a->at, (int64_t)b->at);
}

static void tell_both(const struct pair *p, const struct type_row *a, const struct type_row *b,
		      struct story *s)
{
	if (p->a->kind == TYPE_ENUM || p->a->kind == TYPE_CONSTANT)
		tell_constant(p, a, b, s);
	else if (p->a->kind == TYPE_AGGREGATE)
		tell_member(p, a, b, s);
	else if (strcmp(text(p->orig, a->shape), text(p->patched, b->shape)) != 0)
		tell(s, 0, "the variable's type changes from %.100s to %.100s",
		     text(p->orig, a->shape), text(p->patched, b->shape));
}

/* What one side alone has. A new constant leaves the others as they were. */
static void tell_one(const struct pair *p, const struct types *t, const struct type_row *row,
		     struct story *s)
{
	const char *name = text(t, row->name);
	bool is_new = t == p->patched;

	if (p->a->kind == TYPE_ENUM && !is_new)
		tell(s, order_of_value(row->at), "constant %s (%" PRId64 ") is gone", name,
		     (int64_t)row->at);
	else if (p->a->kind == TYPE_AGGREGATE && is_new)
		tell(s, 2 * row->at, "member %s is new at %s", name, place_of(row).text);
	else if (p->a->kind == TYPE_AGGREGATE)
		tell(s, 2 * row->at, "member %s at %s is gone", name, place_of(row).text);
}

/* Both sides in order of names. */
static int tell_rows(const struct pair *p, struct story *s)
{
	_cleanup_(row_index_free) struct row_index a = { 0 }, b = { 0 };
	size_t i = 0, k = 0;
	int r = index_rows(p->orig, p->a, &a, p->err);

	if (r == 0)
		r = index_rows(p->patched, p->b, &b, p->err);
	while (r == 0 && (i < a.n || k < b.n)) {
		int order = i == a.n   ? 1
			    : k == b.n ? -1
				       : strcmp(text(p->orig, a.v[i]->name),
						text(p->patched, b.v[k]->name));

		if (order == 0)
			tell_both(p, a.v[i++], b.v[k++], s);
		else if (order < 0)
			tell_one(p, p->orig, a.v[i++], s);
		else
			tell_one(p, p->patched, b.v[k++], s);
	}
	return r;
}

static int add_finding(const struct pair *p, const struct story *s)
{
	const char *name = text(p->orig, p->a->name), *scope = text(p->orig, p->a->scope);
	char size[64] = "", in[128] = "";

	if (p->a->n_bytes != p->b->n_bytes)
		(void)snprintf(size, sizeof(size), "size %" PRIu64 " becomes %" PRIu64 "%s",
			       p->a->n_bytes, p->b->n_bytes, s->text[0] ? ", " : "");
	if (scope[0])
		(void)snprintf(in, sizeof(in), " (in %.100s)", scope);
	return finding_add(p->findings, RULE_TYPE_LAYOUT, name, NULL, p->err,
			   "%s%s%s: the running kernel's memory holds the old layout", size,
			   s->text, in);
}

static int compare_pair(const struct pair *p, bool *ret_same)
{
	struct story s = { .text = "" };
	int r;

	*ret_same = same_rows(p);
	if (*ret_same)
		return 0;
	r = tell_rows(p, &s);
	*ret_same = !s.text[0] && p->a->n_bytes == p->b->n_bytes;
	return r < 0 || *ret_same || !p->findings ? r : add_finding(p, &s);
}

static int order_of(const struct types *x, const struct type *a, const struct types *y,
		    const struct type *b)
{
	int r = strcmp(text(x, a->name), text(y, b->name));

	if (r == 0)
		r = strcmp(text(x, a->scope), text(y, b->scope));
	return r ? r : (a->kind > b->kind) - (a->kind < b->kind);
}

static size_t run_length(const struct types *t, size_t from)
{
	size_t n = 1;

	while (from + n < t->n && order_of(t, &t->v[from], t, &t->v[from + n]) == 0)
		n++;
	return n;
}

/* Several of one name (in blocks of one function): each must still be what one of them was. */
static int compare_runs(struct pair *p, size_t n_orig, size_t n_patched)
{
	const struct type *a = p->a, *b = p->b;
	struct findings *findings = p->findings;
	int r = 0;

	for (size_t k = 0; r == 0 && k < n_patched; k++) {
		bool same = false;

		p->b = &b[k];
		p->findings = NULL;
		for (size_t i = 0; r == 0 && !same && i < n_orig; i++) {
			p->a = &a[i];
			r = compare_pair(p, &same);
		}
		p->findings = findings;
		p->a = &a[k < n_orig ? k : n_orig - 1];
		if (r == 0 && !same)
			return compare_pair(p, &same);
	}
	return r;
}

int types_compare(const struct types *orig, const struct types *patched, struct findings *ret,
		  struct oak_error *err)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && i < orig->n && k < patched->n) {
		struct pair p = { orig, patched, &orig->v[i], &patched->v[k], ret, err };
		int order = order_of(orig, p.a, patched, p.b);
		size_t n_orig = run_length(orig, i), n_patched = run_length(patched, k);

		if (order == 0)
			r = compare_runs(&p, n_orig, n_patched);
		if (order <= 0)
			i += n_orig;
		if (order >= 0)
			k += n_patched;
	}
	return r;
}
