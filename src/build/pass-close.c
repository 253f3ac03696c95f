/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * close: the roots are the changed and the new functions, callers that stand in for one, and new
 * global variables; whatever they need and the running kernel cannot give comes along.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

struct worklist {
	const struct model *m;
	const struct verdicts *verdicts;
	struct closure *c;
	atom_id *todo;
	uint32_t n;
};

enum link_kind link_of(const struct model *patched, const struct verdicts *verdicts,
		       const struct ref *ref)
{
	if (!ref->to)
		return LINK_KERNEL;
	switch (verdicts->of[ref->to]) {
	case VERDICT_SAME:
		return LINK_KERNEL;
	case VERDICT_CHANGED:
	case VERDICT_CALLER:
		/*
		 * Whoever keeps the address of a function must keep that of the original: it
		 * outlives this module, and its entry leads here anyway.
		 */
		if (patched->atoms[ref->to].kind == ATOM_CODE &&
		    (ref->use == USE_CALL || ref->use == USE_JUMP || ref->to == ref->from ||
		     patched->atoms[ref->from].owner == ref->to))
			return LINK_MODULE;
		return LINK_KERNEL;
	case VERDICT_NEW:
	case VERDICT_NONE:
		break;
	}
	return LINK_MODULE;
}

static void include(struct worklist *w, atom_id id, atom_id because)
{
	if (w->c->included[id])
		return;
	w->c->included[id] = true;
	w->c->because[id] = because;
	w->todo[w->n++] = id;
}

static void follow(struct worklist *w, atom_id id)
{
	const struct atom *a = &w->m->atoms[id];

	for (uint32_t i = 0; i < a->n_refs; i++) {
		const struct ref *ref = &w->m->refs[a->first_ref + i];

		if (link_of(w->m, w->verdicts, ref) == LINK_MODULE)
			include(w, ref->to, id);
	}
	for (uint32_t i = 0; i < a->n_entries; i++)
		include(w, w->m->entries[a->first_entry + i], id);
}

/* A new variable that other objects of the level can name; nothing here has to use it. */
static bool is_new_global(const struct model *m, atom_id id)
{
	static const char *const sections[] = { ".data", ".bss", ".rodata" };

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strncmp(atom_section(m, id), sections[i], strlen(sections[i])) == 0)
			return m->atoms[id].kind == ATOM_DATA && atom_is_global(m, id);
	return false;
}

static bool is_root(const struct model *m, const struct verdicts *verdicts, atom_id id)
{
	bool code = m->atoms[id].kind == ATOM_CODE;

	switch (verdicts->of[id]) {
	case VERDICT_CHANGED:
	case VERDICT_CALLER:
		return code;
	case VERDICT_NEW:
		return code || is_new_global(m, id);
	case VERDICT_NONE:
	case VERDICT_SAME:
		break;
	}
	return false;
}

int pass_close(const struct model *patched, const struct verdicts *verdicts,
	       const struct climb *climb, struct closure *ret, struct oak_error *err)
{
	_cleanup_(freep) atom_id *todo = calloc(patched->n_atoms, sizeof(*todo));
	struct worklist w = { patched, verdicts, ret, todo, 0 };

	ret->included = calloc(patched->n_atoms, sizeof(*ret->included));
	ret->because = calloc(patched->n_atoms, sizeof(*ret->because));
	if (!ret->included || !ret->because || !todo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < patched->n_atoms; i++)
		if (is_root(patched, verdicts, i))
			include(&w, i, climb->callee[i] ? climb->callee[i] : i);
	while (w.n)
		follow(&w, todo[--w.n]);
	return 0;
}
