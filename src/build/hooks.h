/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks: the functions of a fix that the kernel calls around the switch of an object
 * (OAKUM_PRE_PATCH and the others of include/oakum/patch.h), over all files of a level.
 *
 * A klp_object has one of each kind, so all files that are part of one object share them.
 *
 * Source: Documentation/livepatch/callbacks.rst; struct klp_callbacks of include/linux/livepatch.h.
 */
#ifndef OAK_BUILD_HOOKS_H
#define OAK_BUILD_HOOKS_H

#include "build/link.h"

/* As in the sources: "pre_patch". */
const char *hook_name(enum klp_hook kind);

/**
 * hook_find() - the author's function for one object of the running kernel
 * @module: NULL: vmlinux
 * @ret_unit, @ret_atom: index in w->units, and id in its patched model
 *
 * Return: false where there is none.
 */
bool hook_find(const struct link_world *w, const char *module, enum klp_hook kind, size_t *ret_unit,
	       atom_id *ret_atom);

/* Findings about objects with more than one of a kind. Needs the diffs of all units. */
int hooks_check(const struct link_world *w, struct findings *f, struct oak_error *err) _must_check_;

#endif
