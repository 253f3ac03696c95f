/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-map: which atoms a reader meets as pieces, and which only describe one. */
#include "build/explain-priv.h"

#include <stdlib.h>

/* Entries and unnamed code are of interest only by what they describe. */
static bool is_detail(const struct unit *u, atom_id id)
{
	const struct atom *a = &u->patched->atoms[id];

	return u->diff->closure.because[id] != id &&
	       (a->kind == ATOM_ENTRY || (a->kind == ATOM_PART && !atom_name(u->patched, id)[0]));
}

/* Details that stand between an atom and its piece share the piece, so each is walked once. */
static size_t piece_above(const struct unit *u, const struct explain_atom *of, atom_id id)
{
	const atom_id *because = u->diff->closure.because;

	while (of[id].piece == NO_PIECE && because[id] != id)
		id = because[id];
	return of[id].piece;
}

static int map_unit(struct explain_map *map, size_t n)
{
	const struct unit *u = &map->w->units[n];
	const bool *included = u->diff->closure.included;
	struct explain_atom *of = calloc(u->patched->n_atoms, sizeof(*of));

	map->of[n] = of;
	if (!of)
		return -OAK_E_NOMEM;
	for (atom_id i = 0; i < u->patched->n_atoms; i++) {
		bool piece = i && included[i] && !is_detail(u, i);

		of[i].piece = piece ? map->n_pieces++ : NO_PIECE;
	}
	for (atom_id i = 1; i < u->patched->n_atoms; i++) {
		if (!included[i] || !is_detail(u, i))
			continue;
		of[i].piece = piece_above(u, of, i);
		of[i].via = atom_section(u->patched, i);
	}
	return 0;
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
		if (map_unit(ret, n) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
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
