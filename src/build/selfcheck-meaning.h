/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-meaning: the second half of the self-check, shared by its files and by nobody else. */
#ifndef OAK_BUILD_SELFCHECK_MEANING_H
#define OAK_BUILD_SELFCHECK_MEANING_H

#include "build/emit-priv.h"
#include "build/selfcheck-priv.h"

struct meaning {
	struct simload *sl;
	const struct emit_input *in;
	struct link_world world;
	/* By unit, by patched atom: where it is; sym 0: not in the module. Unnamed atoms have their
	 * section's symbol. */
	struct spot **places;
};

/* Finds every atom of the fix in the module and compares its bytes. */
int meaning_places(struct meaning *m) _must_check_;
void meaning_free_places(struct meaning *m);

/* Compares where each field of these atoms leads with what objects, proof and image say. */
int meaning_refs(struct meaning *m) _must_check_;

/* The code that no object brought: the way out, and what clears late fields (emit-clear.c). */
int meaning_own_code(struct meaning *m) _must_check_;

/* Each callback leads to the author's function, to the level's own, or to both (emit-hooks.c). */
int meaning_hooks(struct meaning *m, const struct sim_object *o) _must_check_;

/* Must the object's late fields be cleared by the level? Then meaning_clear() checks what does. */
bool meaning_wants_clear(const struct meaning *m, const struct sim_object *o);
int meaning_clear(struct meaning *m, const struct sim_object *o, struct spot at) _must_check_;

bool meaning_has_bytes(const struct meaning *m, struct spot at, const void *want, uint64_t len);

/* "return" as this kernel wants it. */
int meaning_return(struct meaning *m, struct spot at, uint64_t *ret_len) _must_check_;

/* Adds where a field of the kernel's must lead: to a symbol of vmlinux, the only one of its name. */
int meaning_kernel_word(struct meaning *m, struct spot field, uint32_t type, const char *name)
	_must_check_;

#endif
