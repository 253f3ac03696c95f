/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-priv: the steps of explain_document(), shared by its files and by nobody else. */
#ifndef OAK_BUILD_EXPLAIN_PRIV_H
#define OAK_BUILD_EXPLAIN_PRIV_H

#include "build/explain.h"
#include "build/modfile.h"

#define NO_PIECE SIZE_MAX

/* One included atom: a piece, or an entry of a special section that describes one. */
struct explain_atom {
	size_t piece;    /* number of the piece, or of the one described; NO_PIECE: not included */
	const char *via; /* of an entry: its section; NULL: the atom is the piece itself */
	bool left_out;   /* of an entry: link_omits() */
	atom_id above;   /* who brought it along; itself for a root */
};

/* @above: by patched atom id, zeroed; 0 for what is not included. */
int explain_above(const struct unit *u, atom_id *above, struct oak_error *err) _must_check_;

struct explain_map {
	const struct link_world *w;
	struct explain_atom **of; /* by unit, by patched atom id */
	size_t n_pieces;
};

int explain_map(const struct link_world *w, struct explain_map *ret, struct oak_error *err)
	_must_check_;
void explain_map_free(struct explain_map *map); /* also the guard */

/* One line without control characters; "..." ends what was cut. */
int explain_escape(const void *bytes, size_t len, struct buf *ret) _must_check_;

/* Appends the pieces to @pieces, without what they use. */
int explain_pieces(const struct explain_map *map, json_t *pieces, struct oak_error *err)
	_must_check_;

/* Adds to the pieces what they use; @symbols gets the kernel's symbols among that. */
int explain_uses(const struct explain_map *map, json_t *pieces, json_t *symbols,
		 struct oak_error *err) _must_check_;

/* Borrowed names; a name may be there several times. */
struct explain_names {
	const char **v;
	size_t n;
};

int explain_names_add(struct explain_names *names, const char *name, struct oak_error *err)
	_must_check_;
void explain_names_sort(struct explain_names *names);
void explain_names_free(struct explain_names *names); /* also the guard */

/* Appends to @ret what is in @a, but not, or less often, in @b; all sorted. */
int explain_names_minus(const struct explain_names *a, const struct explain_names *b,
			struct explain_names *ret, struct oak_error *err) _must_check_;

/* Those of a module's symbol table that have one, sorted; borrowed from @f. */
int explain_names_of_module(const struct modfile *f, struct explain_names *ret,
			    struct oak_error *err) _must_check_;

/* A module's file without its signature. */
int explain_open_module(const struct buf *module, struct modfile **ret, struct oak_error *err)
	_must_check_;

/* The level's own symbols: those of the module that neither pieces nor symbols account for. */
int explain_own(const struct buf *module, const json_t *pieces, const json_t *symbols, json_t *own,
		struct oak_error *err) _must_check_;

#endif
