/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair-priv: what the files of pass_pair() share, and nobody else.
 *
 * A candidate is a named function, part of one or variable that wants a twin. Candidates of one
 * key and kind form a group; only inside a group are there twins.
 */
#ifndef OAK_BUILD_PAIR_PRIV_H
#define OAK_BUILD_PAIR_PRIV_H

#include "build/diff.h"

/* The head of a name in the symbol table; borrowed from the object. */
struct name_head {
	const char *s;
	size_t len;
};

struct candidate {
	const char *key; /* what twins have in common; in side.text */
	atom_id id;
	bool numbered; /* else the name is identity in C */
	bool taken;
	bool disputed;              /* unchanged code gives it several twins */
	size_t first_user, n_users; /* in side.users, ascending, each once */
};

/* All candidates of one object, in the order of their groups. */
struct side {
	const struct model *m;
	struct candidate *v;
	size_t n;
	size_t *index_of; /* by atom; SIZE_MAX: no candidate */
	struct name_head *users;
	size_t n_users;
	char *text;
};

static inline struct candidate *side_find(const struct side *s, atom_id id)
{
	return s->index_of[id] == SIZE_MAX ? NULL : &s->v[s->index_of[id]];
}

/* Is it the same group? Kinds differ where a name does not: a function, its cold part. */
int candidate_cmp_group(const struct side *sa, const struct candidate *a, const struct side *sb,
			const struct candidate *b);

void pair_marry(struct pairing *pairing, struct candidate *o, struct candidate *p, bool doubtful);

/**
 * pair_collect_users() - list for each numbered candidate who refers to it
 *
 * A user is named by the function of the source that it is or belongs to: which clones and parts
 * the compiler makes of one is no property of the variable.
 */
int pair_collect_users(struct side *s, struct oak_error *err) _must_check_;

/* Order of two lists of users; 0: the same users. */
int pair_cmp_users(const struct side *sa, const struct candidate *a, const struct side *sb,
		   const struct candidate *b);

/* Has any user of one the name of a user of the other? */
bool pair_share_user(const struct side *sa, const struct candidate *a, const struct side *sb,
		     const struct candidate *b);

/**
 * pair_by_anchors() - marry what unchanged code refers to at one place
 *
 * Where two twins are equal but for what their fields refer to, the n-th field of both means the
 * same thing. That tells numbered names from one another without trusting a number. Twins so
 * found tell further ones. What gets two answers is marked disputed and not married here.
 */
int pair_by_anchors(struct side *o, struct side *p, struct pairing *pairing, struct oak_error *err)
	_must_check_;

#endif
