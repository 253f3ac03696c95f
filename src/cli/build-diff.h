/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build-diff: all that the differ found out about one pair, as a document for tools.
 *
 *	atoms  everything named in either object, and what the module would carry:
 *	       {"id", "name", "kind", "section", "size", "verdict", "original", "doubtful",
 *	       "replaced", "because", "refs"}; what does not hold is left out
 *	gone   names of the original that have no twin, but for what macros make anew at each use
 *
 * "original" is the name of the twin where it is another; "because" the id of the atom that needed
 * it, its own for what changed or is new. Only atoms that would be carried have "because" and refs:
 * {"at", "type", "to" or "symbol", "addend"}, the place meant being "addend" behind it. A name may
 * stand several times, so ids tell atoms apart.
 */
#ifndef OAK_CLI_BUILD_DIFF_H
#define OAK_CLI_BUILD_DIFF_H

#include "build/make.h"

/* Adds the members above to @document, which it returns; NULL where memory ran out. */
json_t *build_diff_model(const struct make_object *o, json_t *document);

#endif
