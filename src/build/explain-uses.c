/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-uses: which symbols of the kernel, and which other pieces, each piece refers to. */
#include "build/explain-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One ref, until all that say the same are one. */
struct use {
	size_t piece; /* who uses */
	size_t other; /* which piece; NO_PIECE: @symbol */
	char *symbol; /* as in the module */
	struct kernel_symbol is;
	bool calls;
};

struct uses {
	const struct explain_map *map;
	struct use *v;
	size_t n;
	struct oak_error *err;
};

static void uses_free(struct uses *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->v[i].symbol);
	free(u->v);
}

static const char *object_of(const struct kernel_symbol *s)
{
	return s->object ? s->object : "vmlinux";
}

static int name_symbol(struct use *use)
{
	const struct kernel_symbol *s = &use->is;

	if (s->kind == SYMBOL_EXPORT)
		use->symbol = strdup(s->name);
	else if (asprintf(&use->symbol, ".klp.sym.%s.%s,%u", object_of(s), s->name, s->sympos) < 0)
		use->symbol = NULL;
	return use->symbol ? 0 : -1;
}

/* Where a ref leads; nothing to tell (1) of what a piece does with itself. */
static int find_target(const struct uses *all, size_t unit, const struct ref *ref, struct use *use)
{
	const struct link_world *w = all->map->w;
	const struct unit *u = &w->units[unit];
	struct findings ignored = { 0 };
	int r;

	if (link_of(u->patched, &u->diff->verdicts, ref) == LINK_MODULE) {
		use->other = all->map->of[unit][ref->to].piece;
		return use->other == use->piece;
	}
	r = link_resolve(w, u, ref, &use->is, &ignored, all->err);
	free(ignored.v);
	if (r != 0)
		return r;
	if (use->is.kind == SYMBOL_LEVEL) {
		use->other = all->map->of[use->is.unit - w->units][use->is.atom].piece;
		return 0;
	}
	return name_symbol(use) < 0 ? oak_fail(all->err, OAK_E_NOMEM, "out of memory") : 0;
}

static int add_ref(struct uses *all, size_t unit, const struct ref *ref)
{
	const struct explain_atom *from = &all->map->of[unit][ref->from];
	struct use use = { .piece = from->piece,
			   .other = NO_PIECE,
			   .calls = ref->use == USE_CALL || ref->use == USE_JUMP };
	struct use *v;
	int r;

	if (from->piece == NO_PIECE || from->left_out)
		return 0;
	r = find_target(all, unit, ref, &use);
	if (r != 0)
		return r < 0 ? r : 0;
	/* Doubles at each power of two. */
	if ((all->n & (all->n - 1)) == 0) {
		v = reallocarray(all->v, all->n ? 2 * all->n : 1, sizeof(*v));
		if (!v) {
			free(use.symbol);
			return oak_fail(all->err, OAK_E_NOMEM, "out of memory");
		}
		all->v = v;
	}
	all->v[all->n++] = use;
	return 0;
}

static int compare_symbols(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	if (!a->symbol || !b->symbol)
		return !!a->symbol - !!b->symbol;
	return strcmp(a->symbol, b->symbol);
}

static int compare_uses(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	if (a->piece != b->piece)
		return a->piece < b->piece ? -1 : 1;
	if (a->other != b->other)
		return a->other < b->other ? -1 : 1;
	return compare_symbols(a, b);
}

static json_t *symbol_json(const struct use *use)
{
	const struct kernel_symbol *s = &use->is;
	const bool klp = s->kind == SYMBOL_KLP;
	char addr[32] = "";

	if (s->addr)
		(void)snprintf(addr, sizeof(addr), "0x%016lx",
			       (unsigned long)(klp && s->object ? ko_offset(s->addr) : s->addr));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:i}", "symbol", use->symbol, "name",
			 s->name, "object", object_of(s), "late", klp && s->late ? s->late : "",
			 "address", addr, "exported", !klp, "sympos", klp ? (int)s->sympos : 0);
}

/* Each symbol once, in the order of their names. */
static int add_symbols(struct uses *all, json_t *symbols)
{
	qsort(all->v, all->n, sizeof(*all->v), compare_symbols);
	for (size_t i = 0; i < all->n; i++) {
		const struct use *use = &all->v[i];

		if (!use->symbol || (i && compare_symbols(use, use - 1) == 0))
			continue;
		if (json_array_append_new(symbols, symbol_json(use)) < 0)
			return oak_fail(all->err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static size_t find_symbol(const json_t *symbols, const char *symbol)
{
	size_t low = 0, high = json_array_size(symbols);

	while (low + 1 < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(json_get_str(json_array_get(symbols, mid), "symbol"), symbol) <= 0)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int add_use(const struct uses *all, const struct use *use, json_t *pieces,
		   const json_t *symbols)
{
	json_t *piece = json_array_get(pieces, use->piece), *row, *list;
	size_t id = use->symbol ? find_symbol(symbols, use->symbol) : use->other;

	if (!json_object_get(piece, "uses"))
		(void)json_object_set_new(piece, "uses", json_array());
	list = json_object_get(piece, "uses");
	row = json_pack("{s:I, s:b}", use->symbol ? "symbol" : "piece", (json_int_t)id, "calls",
			use->calls);
	return json_array_append_new(list, row) < 0
		       ? oak_fail(all->err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int add_uses(struct uses *all, json_t *pieces, const json_t *symbols)
{
	int r = 0;

	qsort(all->v, all->n, sizeof(*all->v), compare_uses);
	for (size_t i = 0, next; r == 0 && i < all->n; i = next) {
		bool calls = false;

		for (next = i; next < all->n && compare_uses(&all->v[i], &all->v[next]) == 0; next++)
			calls |= all->v[next].calls;
		all->v[i].calls = calls;
		r = add_use(all, &all->v[i], pieces, symbols);
	}
	return r;
}

int explain_uses(const struct explain_map *map, json_t *pieces, json_t *symbols,
		 struct oak_error *err)
{
	_cleanup_(uses_free) struct uses all = { .map = map, .err = err };
	int r = 0;

	for (size_t u = 0; r == 0 && u < map->w->n_units; u++) {
		const struct model *m = map->w->units[u].patched;

		for (uint32_t i = 0; r == 0 && i < m->n_refs; i++)
			r = add_ref(&all, u, &m->refs[i]);
	}
	if (r < 0 || !all.n)
		return r;
	r = add_symbols(&all, symbols);
	return r < 0 ? r : add_uses(&all, pieces, symbols);
}
