/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-map: which atoms a reader meets as pieces, and which only describe one. */
#include "build/explain-priv.h"

#include <stdlib.h>

/* Entries and unnamed code are of interest only by what they describe. */
static bool is_detail(const struct unit *u, const struct explain_atom *of, atom_id id)
{
	const struct atom *a = &u->patched->atoms[id];

	return of[id].above != id &&
	       (a->kind == ATOM_ENTRY || (a->kind == ATOM_PART && !atom_name(u->patched, id)[0]));
}

static size_t piece_above(const struct explain_atom *of, atom_id id)
{
	while (of[id].piece == NO_PIECE && of[id].above != id)
		id = of[id].above;
	return of[id].piece;
}

static void number_pieces(struct explain_map *map, const struct unit *u, struct explain_atom *of)
{
	for (atom_id i = 0; i < u->patched->n_atoms; i++) {
		bool piece = of[i].above && !is_detail(u, of, i);

		of[i].piece = piece ? map->n_pieces++ : NO_PIECE;
	}
	for (atom_id i = 1; i < u->patched->n_atoms; i++) {
		if (!of[i].above || !is_detail(u, of, i))
			continue;
		of[i].piece = piece_above(of, i);
		of[i].via = atom_section(u->patched, i);
	}
}

static int map_unit(struct explain_map *map, size_t n, struct oak_error *err)
{
	const struct unit *u = &map->w->units[n];
	struct explain_atom *of = calloc(u->patched->n_atoms, sizeof(*of));
	_cleanup_(freep) atom_id *above = calloc(u->patched->n_atoms, sizeof(*above));
	int r;

	map->of[n] = of;
	if (!of || !above)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = explain_above(u, above, err);
	for (atom_id i = 0; r == 0 && i < u->patched->n_atoms; i++)
		of[i].above = above[i];
	if (r == 0)
		number_pieces(map, u, of);
	return r;
}

static int find_left_out(struct explain_map *map, size_t n, struct oak_error *err)
{
	const struct unit *u = &map->w->units[n];
	int r = 0;

	for (atom_id i = 1; r == 0 && i < u->patched->n_atoms; i++)
		if (u->diff->closure.included[i])
			r = link_omits(map->w, u, i, &map->of[n][i].left_out, err);
	return r;
}

int explain_map(const struct link_world *w, struct explain_map *ret, struct oak_error *err)
{
	int r = 0;

	*ret = (struct explain_map){ .w = w,
				     .of = calloc(w->n_units + 1, sizeof(struct explain_atom *)) };
	if (!ret->of)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t n = 0; r == 0 && n < w->n_units; n++) {
		r = map_unit(ret, n, err);
		if (r == 0)
			r = find_left_out(ret, n, err);
	}
	return r;
}

void explain_map_free(struct explain_map *map)
{
	for (size_t n = 0; map->of && n < map->w->n_units; n++)
		free(map->of[n]);
	free(map->of);
	*map = (struct explain_map){ 0 };
}
