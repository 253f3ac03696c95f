/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-words: how fixes, objects and pieces are spoken of. */
#include "build/explain-rows.h"

#include <stdio.h>
#include <string.h>

#define LABEL_MAX 300

int rows_fix(struct explain_rows *rows, unsigned depth, const struct explain_fix *f)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_printf(&b, "fix: %s", f->title);

	for (size_t i = 0; r == 0 && i < f->n_cves; i++)
		r = buf_printf(&b, ", %s", f->cves[i]);
	if (r == 0 && strcmp(f->title, f->file) != 0)
		r = buf_printf(&b, " (%s)", f->file);
	return r < 0 ? r : rows_add(rows, depth, EXPLAIN_TITLE, buf_str(&b));
}

int rows_object(struct explain_rows *rows, unsigned depth, const struct explain_object *o)
{
	const bool vmlinux = strcmp(o->patches, "vmlinux") == 0;

	return rows_printf(rows, depth, EXPLAIN_TITLE,
			   "%s, part of %s%s: %zu of %zu functions are what was shipped%s",
			   o->object, vmlinux ? "" : "module ", o->patches, o->n_identical,
			   o->n_functions, o->by_header ? "; includes a header of the fix" : "");
}

static int add_name(const struct explain_piece *p, struct buf *b)
{
	if (p->name[0])
		return buf_add_str(b, p->name);
	if (p->text[0])
		return buf_printf(b, "\"%s\"", p->text);
	return buf_printf(b, "unnamed %s", p->kind);
}

static int add_role(const struct explain_piece *p, struct buf *b)
{
	switch (p->role) {
	case EXPLAIN_REPLACED:
		return buf_printf(b, ": replaced, %zu bytes", p->size);
	case EXPLAIN_NEW:
		return buf_printf(b, ": new %s, %zu bytes", p->kind, p->size);
	case EXPLAIN_CHANGED:
		return buf_printf(b, ": changed %s, %zu bytes; only the level itself uses it",
				  p->kind, p->size);
	case EXPLAIN_CARRIED:
	case EXPLAIN_N_ROLES:
		break;
	}
	if (p->how == EXPLAIN_PART)
		return buf_printf(b, ": %s, %zu bytes", p->kind, p->size);
	return buf_printf(b, ": %s, %zu bytes, copied", p->kind, p->size);
}

/* What it replaces, below its name. */
static int add_replaced(struct explain_rows *rows, unsigned depth, const struct explain *e,
			const struct explain_piece *p)
{
	const char *of = e->objects[p->object].patches;
	const bool vmlinux = strcmp(of, "vmlinux") == 0;
	int r = rows_printf(rows, depth, EXPLAIN_ENTERED,
			    "  running: %s of %s at %s%s, sympos %zu; proof: %s", p->old_name, of,
			    vmlinux ? "" : "section offset ", p->address, p->sympos, p->proof);

	if (r == 0)
		rows->v[rows->n - 1].more = true;
	return r;
}

int rows_piece(struct explain_rows *rows, unsigned depth, const char *lead, const struct explain *e,
	       size_t piece)
{
	const struct explain_piece *p = &e->pieces[piece];
	const bool entered = p->role == EXPLAIN_REPLACED;
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_add_str(&b, lead);

	if (r == 0)
		r = add_name(p, &b);
	if (r == 0)
		r = add_role(p, &b);
	if (r == 0)
		r = rows_add(rows, depth, entered ? EXPLAIN_ENTERED : EXPLAIN_BROUGHT, buf_str(&b));
	return r == 0 && entered ? add_replaced(rows, depth, e, p) : r;
}

static int list_entries(struct explain_rows *rows, unsigned depth, const struct explain_piece *p,
			bool left_out)
{
	_cleanup_(buf_free) struct buf item = { 0 };
	struct row_list l = { .rows = rows, .depth = depth, .tone = EXPLAIN_BROUGHT };
	int r = row_list_begin(&l, left_out ? "left out, for the kernel would read it before the "
					      "module comes"
					    : "described by");

	for (size_t i = 0; r == 0 && i < p->n_entries; i++) {
		const struct explain_entries *n = &p->entries[i];
		size_t count = left_out ? n->left_out : n->n;

		buf_free(&item);
		if (count)
			r = buf_printf(&item, "%zu %s", count, n->section);
		if (r == 0 && count)
			r = row_list_add(&l, buf_str(&item));
	}
	if (r == 0)
		return row_list_end(&l);
	buf_free(&l.line);
	return r;
}

/* Symbols that the kernel finds in the same way. */
static bool same_way(const struct explain_symbol *a, const struct explain_symbol *b)
{
	return a->exported == b->exported && strcmp(a->object, b->object) == 0 &&
	       strcmp(a->late, b->late) == 0;
}

static int begin_way(struct row_list *l, const struct explain_symbol *s)
{
	char label[LABEL_MAX];

	if (s->exported)
		(void)snprintf(label, sizeof(label), "%s exports", s->object);
	else if (!s->late[0])
		(void)snprintf(label, sizeof(label), "livepatch finds in %s", s->object);
	else
		(void)snprintf(label, sizeof(label), "livepatch finds in %s when %s comes",
			       s->object, s->late);
	return row_list_begin(l, label);
}

static int add_symbol(struct row_list *l, const struct explain_symbol *s)
{
	_cleanup_(buf_free) struct buf item = { 0 };
	int r = s->exported ? buf_add_str(&item, s->name)
			    : buf_printf(&item, "%s,%zu", s->name, s->sympos);

	return r < 0 ? r : row_list_add(l, buf_str(&item));
}

/* The document has a piece's uses in the order of the symbols, so equal ways are neighbours. */
static int list_symbols(struct explain_rows *rows, unsigned depth, const struct explain *e,
			const struct explain_piece *p)
{
	struct row_list l = { .rows = rows, .depth = depth, .tone = EXPLAIN_LINKED };
	const struct explain_symbol *before = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_uses; i++) {
		const struct explain_symbol *s;

		if (p->uses[i].is_piece)
			continue;
		s = &e->symbols[p->uses[i].id];
		if (!before || !same_way(before, s)) {
			r = row_list_end(&l);
			l = (struct row_list){ .rows = rows,
					       .depth = depth,
					       .tone = EXPLAIN_LINKED };
			if (r == 0)
				r = begin_way(&l, s);
		}
		if (r == 0)
			r = add_symbol(&l, s);
		before = s;
	}
	if (r == 0)
		return row_list_end(&l);
	buf_free(&l.line);
	return r;
}

/* Pieces that are there because of others. */
static int list_others(struct explain_rows *rows, unsigned depth, const struct explain *e,
		       size_t piece)
{
	const struct explain_piece *p = &e->pieces[piece];
	struct row_list l = { .rows = rows, .depth = depth, .tone = EXPLAIN_BROUGHT };
	int r = row_list_begin(&l, "also uses");

	for (size_t i = 0; r == 0 && i < p->n_uses; i++) {
		const struct explain_use *u = &p->uses[i];
		_cleanup_(buf_free) struct buf item = { 0 };

		if (!u->is_piece || e->pieces[u->id].because == piece || p->because == u->id)
			continue;
		r = add_name(&e->pieces[u->id], &item);
		if (r == 0)
			r = row_list_add(&l, buf_str(&item));
	}
	if (r == 0)
		return row_list_end(&l);
	buf_free(&l.line);
	return r;
}

int rows_links(struct explain_rows *rows, unsigned depth, const struct explain *e, size_t piece)
{
	const struct explain_piece *p = &e->pieces[piece];
	int r = list_entries(rows, depth, p, false);

	if (r == 0)
		r = list_entries(rows, depth, p, true);
	if (r == 0)
		r = list_symbols(rows, depth, e, p);
	return r < 0 ? r : list_others(rows, depth, e, piece);
}
