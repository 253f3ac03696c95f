/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/explain-rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* The pieces as a tree: each below the one that needed it first, in their order. */
struct family {
	size_t *first, *next; /* child, sibling */
	size_t *roots;        /* first root of an object; more by next */
};

static void family_free(struct family *f)
{
	free(f->first);
	free(f->next);
	free(f->roots);
}

static int family_make(const struct explain *e, struct family *ret)
{
	ret->first = calloc(e->n_pieces + 1, sizeof(size_t));
	ret->next = calloc(e->n_pieces + 1, sizeof(size_t));
	ret->roots = calloc(e->n_objects + 1, sizeof(size_t));
	if (!ret->first || !ret->next || !ret->roots)
		return -ENOMEM;
	memset(ret->first, 0xff, e->n_pieces * sizeof(size_t));
	memset(ret->roots, 0xff, e->n_objects * sizeof(size_t));
	for (size_t i = e->n_pieces; i-- > 0;) {
		const struct explain_piece *p = &e->pieces[i];
		size_t *list = p->because == i ? &ret->roots[p->object] : &ret->first[p->because];

		ret->next[i] = *list;
		*list = i;
	}
	return 0;
}

static const char *const leads[] = {
	[EXPLAIN_ROOT] = "",          [EXPLAIN_CALLS] = "calls ",
	[EXPLAIN_USES] = "uses ",     [EXPLAIN_PART] = "with ",
	[EXPLAIN_TOGETHER] = "with ", [EXPLAIN_CALLER] = "cannot be redirected, so its caller ",
};

static int add_piece(struct explain_rows *rows, unsigned depth, const struct explain *e,
		     size_t piece)
{
	const struct explain_piece *p = &e->pieces[piece];
	char lead[300];
	int r;

	if (p->via[0])
		(void)snprintf(lead, sizeof(lead), "%sthrough %s ", leads[p->how], p->via);
	else
		(void)snprintf(lead, sizeof(lead), "%s", leads[p->how]);
	r = rows_piece(rows, depth, lead, e, piece);
	return r < 0 ? r : rows_links(rows, depth + 1, e, piece);
}

/* Without recursion: the document says how deep it goes. */
static int add_family(struct explain_rows *rows, unsigned depth, const struct explain *e,
		      const struct family *f, size_t root)
{
	size_t at = root;
	int r = add_piece(rows, depth, e, root);

	while (r == 0) {
		size_t to = f->first[at];

		depth += to != NONE;
		while (to == NONE && at != root) {
			to = f->next[at];
			if (to != NONE)
				break;
			at = e->pieces[at].because;
			depth--;
		}
		if (to == NONE)
			break;
		at = to;
		r = add_piece(rows, depth, e, at);
	}
	return r;
}

static int add_object(struct explain_rows *rows, const struct explain *e, const struct family *f,
		      size_t object)
{
	int r = rows_object(rows, 2, &e->objects[object]);

	if (r == 0 && f->roots[object] == NONE)
		r = rows_add(rows, 3, EXPLAIN_BROUGHT, "its code stays the same");
	for (size_t i = f->roots[object]; r == 0 && i != NONE; i = f->next[i])
		r = add_family(rows, 3, e, f, i);
	return r;
}

static bool touches(const struct explain_object *o, size_t fix)
{
	for (size_t i = 0; i < o->n_fixes; i++)
		if (o->fixes[i] == fix)
			return true;
	return false;
}

/* An object that several fixes touch is shown below the first. */
static int add_fix(struct explain_rows *rows, const struct explain *e, const struct family *f,
		   size_t fix)
{
	int r = rows_fix(rows, 0, &e->fixes[fix]);
	const char *before = "";

	for (size_t i = 0; r == 0 && i < e->n_objects; i++) {
		const struct explain_object *o = &e->objects[i];

		if (!touches(o, fix))
			continue;
		/* A source that is built twice is one file. */
		if (strcmp(before, o->source) != 0)
			r = rows_add(rows, 1, EXPLAIN_TITLE, o->source);
		before = o->source;
		if (r == 0 && o->fixes[0] == fix)
			r = add_object(rows, e, f, i);
		else if (r == 0)
			r = rows_printf(rows, 2, EXPLAIN_TITLE,
					"%s, see above: \"%s\" changes it too", o->object,
					e->fixes[o->fixes[0]].title);
	}
	return r;
}

static int add_own(struct explain_rows *rows, const struct explain *e)
{
	int r = rows_add(rows, 0, EXPLAIN_TITLE, "the level's own");

	for (size_t i = 0; r == 0 && i < e->n_own; i++)
		r = rows_printf(rows, 1, EXPLAIN_LINKED, "%s: %s", e->own[i].name,
				e->own[i].why[0] ? e->own[i].why : "NOT EXPLAINED");
	return r;
}

static int add_head(struct explain_rows *rows, const struct explain *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_pieces; i++)
		n += e->pieces[i].role == EXPLAIN_REPLACED;
	return rows_printf(rows, 0, EXPLAIN_TITLE,
			   "%s, level %zu of kernel %s: replaces %zu function%s", e->module,
			   e->level, e->release, n, n == 1 ? "" : "s");
}

int explain_tree(const struct explain *e, struct explain_rows *ret, struct oak_error *err)
{
	_cleanup_(family_free) struct family f = { 0 };
	int r = family_make(e, &f);

	if (r == 0)
		r = add_head(ret, e);
	for (size_t i = 0; r == 0 && i < e->n_fixes; i++)
		r = add_fix(ret, e, &f, i);
	if (r == 0)
		r = add_own(ret, e);
	if (r == 0)
		r = rows_draw(ret);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
