/* SPDX-License-Identifier: GPL-2.0-or-later */
/* root-edit: changes to the "signed" of a root: which keys sign for a role. Pure. */
#ifndef OAK_TRUST_AUTHOR_ROOT_EDIT_H
#define OAK_TRUST_AUTHOR_ROOT_EDIT_H

#include <stddef.h>

#include <jansson.h>

#include "trust/author/author.h"

/**
 * root_set_role() - these keys alone, a threshold of them
 *
 * Keys that no role has any more are dropped from "keys".
 *
 * Errors: OAK_E_REFUSED (a threshold of more keys than there are, a key given twice), OAK_E_NOMEM.
 */
int root_set_role(json_t *root, enum tuf_role role, const struct repo_signers *signers,
		  struct oak_error *err) _must_check_;

/* The same by what is added and removed. */
int root_change_role(json_t *root, const struct repo_rotation *what, struct oak_error *err)
	_must_check_;

/* The keys that the role names, as {keyid: key}; NULL: out of memory. */
json_t *root_keys_of(const json_t *root, const json_t *role);

#endif
