/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain: why each symbol is in a level's module.
 *
 *	fix -> file -> object -> piece -> what it brought along -> what it links to in the kernel
 *
 * A piece is what the module carries of an object: a function, a variable, a string. Entries of
 * special sections (unwind data, alternatives) are only counted at the piece that they describe.
 * Each piece names the one that needed it first; the roots are the changed and the new functions.
 *
 * The document (docs/formats/explain.md) is written beside the module, so that a level explains
 * itself without being compiled again. explain-view.h reads it.
 */
#ifndef OAK_BUILD_EXPLAIN_H
#define OAK_BUILD_EXPLAIN_H

#include "base/buf.h"
#include "build/explain-view.h"
#include "build/link.h"

#define EXPLAIN_FILE      "explain.json" /* in the level's folder */
#define EXPLAIN_MAX_BYTES (64u << 20)    /* a level of 60 fixes takes 0.4 MB */

/* Where an object comes from: parallel to the units of the world. */
struct explain_origin {
	const char *source;
	const size_t *fixes;
	size_t n_fixes;
	bool by_header;
};

/**
 * explain_document() - the objects, pieces, symbols and own of a level that was just made
 * @module: its file, signed or not
 * @ret:    a document that lacks the members about fixes, kernel and module
 *
 * Errors: OAK_E_NOMEM, OAK_E_FORMAT (the module).
 */
int explain_document(const struct link_world *w, const struct explain_origin *origins,
		     const struct buf *module, json_t **ret, struct oak_error *err) _must_check_;

/* Appends a line for each symbol of the module that nobody can explain. */
int explain_gaps(const struct explain *e, struct buf *ret, struct oak_error *err) _must_check_;

/**
 * explain_check() - does the document explain this very module?
 * @ret: appended: a line for each symbol of only one of the two, and what explain_gaps() says
 *
 * Errors: OAK_E_FORMAT (not a module, or another one), OAK_E_NOMEM.
 */
int explain_check(const struct explain *e, const struct buf *module, struct buf *ret,
		  struct oak_error *err) _must_check_;

#endif
