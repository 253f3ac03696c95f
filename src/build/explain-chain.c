/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-chain: from one symbol up to the fix. */
#include "build/explain-rows.h"

#include <stdio.h>
#include <string.h>

struct chain {
	const struct explain *e;
	struct explain_rows *rows;
	bool found;
};

static int add_root(struct chain *c, unsigned depth, const struct explain_object *o)
{
	int r = rows_object(c->rows, depth, o);

	for (size_t i = 0; r == 0 && i < o->n_fixes; i++)
		r = rows_fix(c->rows, depth + 1, &c->e->fixes[o->fixes[i]]);
	return r;
}

static const char *const leads[] = {
	[EXPLAIN_ROOT] = "",      [EXPLAIN_CALLS] = "called",           [EXPLAIN_USES] = "used",
	[EXPLAIN_PART] = "owned", [EXPLAIN_TOGETHER] = "brought along",
};

/* The piece that needed @piece, and so on; each a step deeper. */
static int add_above(struct chain *c, unsigned depth, size_t piece)
{
	int r = 0;

	for (;; depth++) {
		const struct explain_piece *p = &c->e->pieces[piece];
		char lead[300];

		if (p->because == piece)
			break;
		if (p->how == EXPLAIN_CALLER)
			(void)snprintf(lead, sizeof(lead),
				       "instead of what it calls, which cannot be redirected: ");
		else
			(void)snprintf(lead, sizeof(lead), "%s%s%s by ", leads[p->how],
				       p->via[0] ? " through " : "", p->via);
		piece = p->because;
		r = rows_piece(c->rows, depth, lead, c->e, piece);
		if (r < 0)
			return r;
	}
	return add_root(c, depth, &c->e->objects[c->e->pieces[piece].object]);
}

static int add_piece(struct chain *c, size_t piece)
{
	int r = rows_piece(c->rows, 0, "", c->e, piece);

	if (r == 0)
		r = rows_links(c->rows, 1, c->e, piece);
	return r < 0 ? r : add_above(c, 1, piece);
}

/* Whoever of the pieces uses the symbol, or another piece that is not there because of it. */
static int add_users(struct chain *c, bool is_piece, size_t id)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->e->n_pieces; i++) {
		const struct explain_piece *p = &c->e->pieces[i];

		for (size_t k = 0; r == 0 && k < p->n_uses; k++) {
			if (p->uses[k].is_piece != is_piece || p->uses[k].id != id)
				continue;
			if (is_piece && (c->e->pieces[id].because == i || p->because == id))
				continue;
			r = rows_piece(c->rows, 1, p->uses[k].calls ? "called by " : "used by ",
				       c->e, i);
			if (r == 0)
				r = add_above(c, 2, i);
		}
	}
	return r;
}

static int add_symbol(struct chain *c, size_t id)
{
	const struct explain_symbol *s = &c->e->symbols[id];
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_printf(&b, "%s: ", s->name);

	if (r == 0 && s->exported)
		r = buf_printf(&b, "exported by %s", s->object);
	else if (r == 0)
		r = buf_printf(&b, "not exported; livepatch finds it in %s by sympos %zu",
			       s->object, s->sympos);
	if (r == 0 && s->late[0])
		r = buf_printf(&b, " when module %s comes", s->late);
	if (r == 0 && s->address[0])
		r = buf_printf(&b, ", at %s", s->address);
	if (r == 0)
		r = rows_add(c->rows, 0, EXPLAIN_LINKED, buf_str(&b));
	return r < 0 ? r : add_users(c, false, id);
}

/* As the source spells it: without what the compiler put behind it. */
static bool is_meant(const char *name, const char *symbol)
{
	size_t len = strlen(symbol);

	return strncmp(name, symbol, len) == 0 && (!name[len] || (len && name[len] == '.'));
}

/* An import of the level's own may be asked for by the kernel's name for it. */
static bool is_own(const char *name, const char *symbol)
{
	const char *bare = strncmp(name, ".klp.sym.", 9) == 0 ? strchr(name + 9, '.') : NULL;
	size_t len = strlen(symbol);

	return strcmp(name, symbol) == 0 ||
	       (bare && strncmp(bare + 1, symbol, len) == 0 && bare[1 + len] == ',');
}

static int find_all(struct chain *c, const char *symbol)
{
	const struct explain *e = c->e;
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->n_pieces; i++) {
		if (!e->pieces[i].name[0] || !is_meant(e->pieces[i].name, symbol))
			continue;
		c->found = true;
		r = add_piece(c, i);
		if (r == 0)
			r = add_users(c, true, i);
	}
	for (size_t i = 0; r == 0 && i < e->n_symbols; i++) {
		if (!is_meant(e->symbols[i].name, symbol) &&
		    strcmp(e->symbols[i].symbol, symbol) != 0)
			continue;
		c->found = true;
		r = add_symbol(c, i);
	}
	for (size_t i = 0; r == 0 && i < e->n_own; i++) {
		if (!is_own(e->own[i].name, symbol))
			continue;
		c->found = true;
		r = rows_printf(c->rows, 0, EXPLAIN_LINKED, "%s: the level's own: %s",
				e->own[i].name, e->own[i].why[0] ? e->own[i].why : "NOT EXPLAINED");
	}
	return r;
}

int explain_chain(const struct explain *e, const char *symbol, struct explain_rows *ret,
		  struct oak_error *err)
{
	struct chain c = { .e = e, .rows = ret };
	int r = find_all(&c, symbol);

	if (r == 0 && !c.found)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: no symbol of this name is in module %s; 'explain' without a "
				"symbol names all",
				symbol, e->module);
	if (r == 0)
		r = rows_draw(ret);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
