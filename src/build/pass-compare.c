/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare: two atoms are the same when their bytes outside relocated fields are, and every field
 * means the same thing: the same literal, the twin of the same function, the same offset of it.
 * So code that only moved, or whose strings only moved, is the same.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

#include "build/btf-ids.h"
#include "build/line-numbers.h"
#include "build/names.h"
#include "build/same-bytes.h"

struct comparer {
	const struct model *o, *p;
	const struct pairing *pairing;
	struct btf_ids o_ids, p_ids;
	/*
	 * Parts, entries and fresh statics are compared with what refers to them, each pair once:
	 * they may be long chains, or refer to each other. By original id, of this round.
	 */
	struct met {
		uint32_t round;
		atom_id with;
	} * met;
	atom_id *todo; /* original ids that were met and not yet compared */
	uint32_t n_todo, round;
};

/*
 * To be compared later in this round, for all must be the same. One that was met with another is
 * taken for a change: twins are one to one.
 */
static bool same_if_parts_are(struct comparer *c, atom_id o, atom_id p)
{
	struct met *met = &c->met[o];

	if (met->round == c->round)
		return met->with == p;
	*met = (struct met){ c->round, p };
	c->todo[c->n_todo++] = o;
	return true;
}

static bool points_into(const struct atom *a, int64_t addend)
{
	return addend >= 0 && (uint64_t)addend <= a->size;
}

static bool ends_in_nul(const struct model *m, atom_id id)
{
	return m->atoms[id].size && atom_bytes(m, id)[m->atoms[id].size - 1] == 0;
}

/* A pointer into a literal means the bytes from there on; one beside it, the whole of it. */
static bool same_literal(const struct comparer *c, const struct ref *o, const struct ref *p)
{
	const struct atom *ao = &c->o->atoms[o->to], *ap = &c->p->atoms[p->to];
	bool inside = points_into(ao, o->addend) && points_into(ap, p->addend);
	uint64_t so = inside ? (uint64_t)o->addend : 0, sp = inside ? (uint64_t)p->addend : 0;

	if (ap->kind == ATOM_STRING && so == 0 && sp == 0 && ends_in_nul(c->o, o->to) &&
	    ends_in_nul(c->p, p->to) &&
	    same_literal_but_line((const char *)atom_bytes(c->o, o->to),
				  (const char *)atom_bytes(c->p, p->to)))
		return o->addend == p->addend;
	if (ao->size - so != ap->size - sp || (!inside && o->addend != p->addend))
		return false;
	return memcmp(atom_bytes(c->o, o->to) + so, atom_bytes(c->p, p->to) + sp, ap->size - sp) ==
	       0;
}

static bool same_stem(const char *a, const char *b)
{
	char sa[NAME_STEM_MAX], sb[NAME_STEM_MAX];

	name_stem(a, sa);
	name_stem(b, sb);
	return strcmp(sa, sb) == 0;
}

static bool is_fresh(const struct model *m, atom_id id)
{
	return name_is_fresh(atom_name(m, id), atom_section(m, id));
}

static bool same_target(struct comparer *c, const struct ref *o, const struct ref *p)
{
	if (!o->to || !p->to)
		return !o->to && !p->to && o->addend == p->addend &&
		       strcmp(c->o->obj->syms[o->sym].name, c->p->obj->syms[p->sym].name) == 0;
	if (c->o->atoms[o->to].kind != c->p->atoms[p->to].kind)
		return false;
	switch (c->p->atoms[p->to].kind) {
	case ATOM_STRING:
	case ATOM_CONST:
		return same_literal(c, o, p);
	case ATOM_PART:
		return o->addend == p->addend && same_if_parts_are(c, o->to, p->to);
	case ATOM_CODE:
	case ATOM_DATA:
		if (c->pairing->to_orig[p->to])
			return c->pairing->to_orig[p->to] == o->to && o->addend == p->addend;
		return is_fresh(c->p, p->to) && is_fresh(c->o, o->to) &&
		       same_stem(atom_name(c->o, o->to), atom_name(c->p, p->to)) &&
		       o->addend == p->addend && same_if_parts_are(c, o->to, p->to);
	case ATOM_ENTRY:
	case ATOM_MISC:
		return o->addend == p->addend && same_if_parts_are(c, o->to, p->to);
	}
	return false;
}

/* But for what was put on the list. */
static bool same_alone(struct comparer *c, atom_id o, atom_id p)
{
	const struct atom *ao = &c->o->atoms[o], *ap = &c->p->atoms[p];

	/* Sections carry the function's own name, so they may differ in its numbers. */
	if (!same_stem(atom_section(c->o, o), atom_section(c->p, p)) ||
	    !same_fields(c->o, o, c->p, p) || !same_bytes(c->o, o, c->p, p) ||
	    !btf_ids_same(&c->o_ids, c->o, o, &c->p_ids, c->p, p))
		return false;
	for (uint32_t i = 0; i < ap->n_refs; i++)
		if (!same_target(c, &c->o->refs[ao->first_ref + i], &c->p->refs[ap->first_ref + i]))
			return false;
	return true;
}

static bool same_atom(struct comparer *c, atom_id o, atom_id p)
{
	c->round++;
	c->n_todo = 0;
	(void)same_if_parts_are(c, o, p);
	while (c->n_todo) {
		atom_id next = c->todo[--c->n_todo];

		if (!same_alone(c, next, c->met[next].with))
			return false;
	}
	return true;
}

/* Stands right before its function: nothing refers to it, the kernel finds it by the address. */
static bool is_prefix(const struct atom *part, const struct atom *function)
{
	return part->kind == ATOM_PART && part->sec == function->sec &&
	       part->off + part->size == function->off;
}

/* The next entry from *i on that says something the code does not. */
static atom_id next_entry(const struct model *m, atom_id owner, uint32_t *i)
{
	const struct atom *a = &m->atoms[owner];

	while (*i < a->n_entries) {
		atom_id id = m->entries[a->first_entry + (*i)++];
		const struct atom *e = &m->atoms[id];

		if ((e->kind == ATOM_ENTRY && !e->special->derived) || is_prefix(e, a))
			return id;
	}
	return 0;
}

static bool same_count(const struct comparer *c, atom_id o, atom_id p)
{
	uint32_t io = 0, ip = 0;
	bool more_o, more_p;

	do {
		more_o = next_entry(c->o, o, &io);
		more_p = next_entry(c->p, p, &ip);
	} while (more_o && more_p);
	return more_o == more_p;
}

static atom_id next_of(const struct model *m, atom_id owner, uint32_t *i, const struct special *sp)
{
	atom_id id;

	do
		id = next_entry(m, owner, i);
	while (id && m->atoms[id].special != sp);
	return id;
}

static bool same_of(struct comparer *c, atom_id o, atom_id p, const struct special *sp)
{
	uint32_t io = 0, ip = 0;

	for (;;) {
		atom_id eo = next_of(c->o, o, &io, sp), ep = next_of(c->p, p, &ip, sp);

		if (!eo || !ep)
			return eo == ep;
		if (!same_atom(c, eo, ep))
			return false;
	}
}

/*
 * Section by section: which of them comes first in a file says only which code of the file was the
 * first to use it.
 */
static bool same_entries(struct comparer *c, atom_id o, atom_id p)
{
	const struct special *done = NULL;
	atom_id eo;

	if (!same_count(c, o, p))
		return false;
	for (uint32_t i = 0, n = 0; (eo = next_entry(c->o, o, &i)); n++) {
		if (n && c->o->atoms[eo].special == done)
			continue;
		done = c->o->atoms[eo].special;
		if (!same_of(c, o, p, done))
			return false;
	}
	return true;
}

static enum verdict judge(struct comparer *c, atom_id p)
{
	const struct atom *a = &c->p->atoms[p];
	atom_id o = c->pairing->to_orig[p];

	if ((a->kind != ATOM_CODE && a->kind != ATOM_DATA) || is_fresh(c->p, p))
		return VERDICT_NONE;
	if (!o)
		return VERDICT_NEW;
	if (!same_atom(c, o, p))
		return VERDICT_CHANGED;
	return a->kind == ATOM_DATA || same_entries(c, o, p) ? VERDICT_SAME : VERDICT_CHANGED;
}

static void judge_all(struct comparer *c, struct verdicts *ret)
{
	for (atom_id i = 1; i < c->p->n_atoms; i++) {
		ret->of[i] = judge(c, i);
		ret->n_changed += ret->of[i] == VERDICT_CHANGED;
		ret->n_new += ret->of[i] == VERDICT_NEW;
	}
	for (atom_id i = 1; i < c->o->n_atoms; i++)
		if ((c->o->atoms[i].kind == ATOM_CODE || c->o->atoms[i].kind == ATOM_DATA) &&
		    !c->pairing->to_patched[i] && !is_fresh(c->o, i))
			ret->n_gone++;
}

int pass_compare(const struct model *orig, const struct model *patched,
		 const struct pairing *pairing, struct verdicts *ret, struct oak_error *err)
{
	_cleanup_(freep) struct met *met = calloc(orig->n_atoms, sizeof(*met));
	_cleanup_(freep) atom_id *todo = calloc(orig->n_atoms, sizeof(*todo));
	struct comparer c = {
		.o = orig, .p = patched, .pairing = pairing, .met = met, .todo = todo
	};
	int r;

	ret->of = calloc(patched->n_atoms, sizeof(*ret->of));
	if (!ret->of || !met || !todo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = btf_ids_read(orig->obj, &c.o_ids, err);
	if (r == 0)
		r = btf_ids_read(patched->obj, &c.p_ids, err);
	if (r == 0)
		judge_all(&c, ret);
	btf_ids_release(&c.o_ids);
	btf_ids_release(&c.p_ids);
	return r;
}
