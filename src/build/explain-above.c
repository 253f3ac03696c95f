/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain-above: the shortest way from each atom up to what the fix changed.
 *
 * The closure takes new functions for roots of their own and goes in depth; a reader rather hears
 * who calls the new function, and the shortest reason of several. Every step is one that the closure
 * may take too: a ref, or an entry of its owner.
 */
#include "build/explain-priv.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	const struct unit *u;
	atom_id *above;
	bool *reached;
	atom_id *queue;
	uint32_t head, tail;
};

static void reach(struct walk *w, atom_id id, atom_id above)
{
	if (w->reached[id])
		return;
	w->reached[id] = true;
	w->above[id] = above;
	w->queue[w->tail++] = id;
}

static void spread(struct walk *w)
{
	const struct model *m = w->u->patched;
	const bool *included = w->u->diff->closure.included;

	while (w->head < w->tail) {
		const struct atom *a = &m->atoms[w->queue[w->head]];
		atom_id id = w->queue[w->head++];

		for (uint32_t i = 0; i < a->n_refs; i++) {
			const struct ref *ref = &m->refs[a->first_ref + i];

			if (ref->to && included[ref->to] &&
			    link_of(m, &w->u->diff->verdicts, ref) == LINK_MODULE)
				reach(w, ref->to, id);
		}
		for (uint32_t i = 0; i < a->n_entries; i++)
			if (included[m->entries[a->first_entry + i]])
				reach(w, m->entries[a->first_entry + i], id);
	}
}

/* Whatever else the closure took, by its own reason: callers that stand in for another. */
static void follow_closure(struct walk *w)
{
	const struct closure *c = &w->u->diff->closure;

	for (atom_id i = 1; i < w->u->patched->n_atoms; i++) {
		for (atom_id at = i; c->included[at] && !w->reached[at]; at = i) {
			/* The topmost that is not reached, below one that is. */
			while (c->because[at] != at && !w->reached[c->because[at]])
				at = c->because[at];
			if (c->because[at] == at)
				break;
			reach(w, at, c->because[at]);
			spread(w);
		}
	}
}

int explain_above(const struct unit *u, atom_id *above, struct oak_error *err)
{
	const uint32_t n = u->patched->n_atoms;
	const struct closure *c = &u->diff->closure;
	_cleanup_(freep) bool *reached = calloc(n, sizeof(*reached));
	_cleanup_(freep) atom_id *queue = calloc(n, sizeof(*queue));
	struct walk w = { .u = u, .above = above, .reached = reached, .queue = queue };

	if (!reached || !queue)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < n; i++)
		if (c->included[i] && c->because[i] == i && u->diff->verdicts.of[i] != VERDICT_NEW)
			reach(&w, i, i);
	spread(&w);
	follow_closure(&w);
	/* New, and used by nothing that changed. */
	for (atom_id i = 1; i < n; i++) {
		if (c->included[i] && c->because[i] == i)
			reach(&w, i, i);
		spread(&w);
	}
	follow_closure(&w);
	return 0;
}
