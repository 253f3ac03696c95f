/* SPDX-License-Identifier: GPL-2.0-or-later */
/* creach-priv: names of one item, shared by the files of creach and by nobody else. */
#ifndef OAK_BUILD_CREACH_PRIV_H
#define OAK_BUILD_CREACH_PRIV_H

#include "build/creach.h"

/* A run of tokens. */
struct cspan {
	const struct ctoken *t;
	size_t n;
};

/* Adds what the item defines; sets includers where it has no name. */
int creach_add_names(struct creach *c, const struct cspan *item, enum citem_kind kind,
		     struct oak_error *err) _must_check_;

/* Adds the names that a member's declaration, or part of a type's body, gives. */
int creach_add_members(struct creach *c, const struct cspan *body, struct oak_error *err)
	_must_check_;

bool creach_word(const struct creach *c, const struct ctoken *t);

/* The token after @i that is neither an attribute nor an attribute's arguments, or NULL. */
const struct ctoken *creach_after(const struct cspan *s, size_t i);

#endif
