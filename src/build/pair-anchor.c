/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/pair-priv.h"

#include <stdlib.h>
#include <string.h>

#include "build/same-bytes.h"

/* A pair of twins that may tell of others. */
struct twins {
	struct candidate *o, *p;
};

struct anchors {
	struct side *o, *p;
	struct pairing *pairing;
	struct twins *queue; /* each pair is queued once, when it marries */
	size_t n_queued, next;
	struct twins *found; /* what this round's unchanged code says */
	size_t n_found;
};

/* Twins, or nothing that pairing knows of: literals, entries, what macros make anew. */
static bool may_be_same_target(const struct anchors *a, const struct ref *o, const struct ref *p)
{
	const struct candidate *co = side_find(a->o, o->to), *cp = side_find(a->p, p->to);

	if (!o->to || !p->to)
		return !o->to && !p->to && o->addend == p->addend &&
		       strcmp(a->o->m->obj->syms[o->sym].name, a->p->m->obj->syms[p->sym].name) ==
			       0;
	if (!co || !cp)
		return !co && !cp;
	return o->addend == p->addend && candidate_cmp_group(a->o, co, a->p, cp) == 0;
}

static bool is_unchanged(const struct anchors *a, atom_id o, atom_id p)
{
	const struct atom *ao = &a->o->m->atoms[o], *ap = &a->p->m->atoms[p];

	if (ao->kind != ap->kind || !same_fields(a->o->m, o, a->p->m, p) ||
	    !same_bytes(a->o->m, o, a->p->m, p))
		return false;
	for (uint32_t i = 0; i < ap->n_refs; i++)
		if (!may_be_same_target(a, &a->o->m->refs[ao->first_ref + i],
					&a->p->m->refs[ap->first_ref + i]))
			return false;
	return true;
}

/* Notes what fields of unchanged code refer to, where a number is all that names it. */
static void read_fields(struct anchors *a, atom_id o, atom_id p)
{
	const struct atom *ao = &a->o->m->atoms[o], *ap = &a->p->m->atoms[p];

	for (uint32_t i = 0; i < ap->n_refs; i++) {
		struct candidate *co = side_find(a->o, a->o->m->refs[ao->first_ref + i].to);
		struct candidate *cp = side_find(a->p, a->p->m->refs[ap->first_ref + i].to);

		if (co && cp && co->numbered)
			a->found[a->n_found++] = (struct twins){ co, cp };
	}
}

/* Also what the special entries of a function refer to: static keys and calls. */
static void read_twins(struct anchors *a, atom_id o, atom_id p)
{
	const struct model *om = a->o->m, *pm = a->p->m;
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];

	if (!is_unchanged(a, o, p))
		return;
	read_fields(a, o, p);
	if (ao->n_entries != ap->n_entries)
		return;
	for (uint32_t i = 0; i < ap->n_entries; i++) {
		atom_id eo = om->entries[ao->first_entry + i];
		atom_id ep = pm->entries[ap->first_entry + i];

		/* Named parts are candidates, and queued when they marry. */
		if (!side_find(a->o, eo) && !side_find(a->p, ep) && is_unchanged(a, eo, ep))
			read_fields(a, eo, ep);
	}
}

static int cmp_by_o(const void *pa, const void *pb)
{
	const struct twins *a = pa, *b = pb;

	if (a->o != b->o)
		return a->o < b->o ? -1 : 1;
	return (a->p > b->p) - (a->p < b->p);
}

static int cmp_by_p(const void *pa, const void *pb)
{
	const struct twins *a = pa, *b = pb;

	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a->o > b->o) - (a->o < b->o);
}

static void dispute(const struct twins *t)
{
	t->o->disputed = t->p->disputed = true;
}

/* Two answers for one, now or in an earlier round. */
static void find_disputes(struct anchors *a)
{
	qsort(a->found, a->n_found, sizeof(*a->found), cmp_by_p);
	for (size_t i = 1; i < a->n_found; i++) {
		if (a->found[i].p == a->found[i - 1].p && a->found[i].o != a->found[i - 1].o) {
			dispute(&a->found[i]);
			dispute(&a->found[i - 1]);
		}
	}
	qsort(a->found, a->n_found, sizeof(*a->found), cmp_by_o);
	for (size_t i = 1; i < a->n_found; i++) {
		if (a->found[i].o == a->found[i - 1].o && a->found[i].p != a->found[i - 1].p) {
			dispute(&a->found[i]);
			dispute(&a->found[i - 1]);
		}
	}
	for (size_t i = 0; i < a->n_found; i++) {
		const struct twins *t = &a->found[i];
		atom_id o = a->pairing->to_orig[t->p->id], p = a->pairing->to_patched[t->o->id];

		if ((o && o != t->o->id) || (p && p != t->p->id))
			dispute(t);
	}
}

static void marry_found(struct anchors *a)
{
	for (size_t i = 0; i < a->n_found; i++) {
		const struct twins *t = &a->found[i];

		if (t->o->taken || t->p->taken || t->o->disputed || t->p->disputed)
			continue;
		pair_marry(a->pairing, t->o, t->p, false);
		a->queue[a->n_queued++] = *t;
	}
	a->n_found = 0;
}

int pair_by_anchors(struct side *o, struct side *p, struct pairing *pairing, struct oak_error *err)
{
	_cleanup_(freep) struct twins *queue = calloc(p->n + 1, sizeof(*queue));
	_cleanup_(freep) struct twins *found = calloc(p->m->n_refs + 1u, sizeof(*found));
	struct anchors a = { .o = o, .p = p, .pairing = pairing, .queue = queue, .found = found };

	if (!queue || !found)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].taken)
			queue[a.n_queued++] =
				(struct twins){ &o->v[o->index_of[pairing->to_orig[p->v[i].id]]],
						&p->v[i] };
	while (a.next < a.n_queued) {
		size_t end = a.n_queued;

		for (; a.next < end; a.next++)
			read_twins(&a, queue[a.next].o->id, queue[a.next].p->id);
		find_disputes(&a);
		marry_found(&a);
	}
	return 0;
}
