/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair: a funnel. Names without numbers are identity in C: they pair as they stand. Numbered
 * names pair by stem where the stem is unique on both sides; several of one stem pair by the set
 * of functions that use them; what is left pairs by the full name and is marked doubtful, which
 * pass_check() turns into a refusal as soon as it matters.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

#include "build/names.h"

/* One atom that wants a twin. */
struct candidate {
	char key[NAME_STEM_MAX];
	uint64_t users; /* order-independent hash of the functions that refer to it */
	atom_id id;
	bool taken;
};

struct side {
	const struct model *m;
	struct candidate *v;
	size_t n;
};

static bool wants_twin(const struct model *m, atom_id id)
{
	const struct atom *a = &m->atoms[id];
	const char *name = atom_name(m, id);

	return name[0] && (a->kind == ATOM_CODE || a->kind == ATOM_PART || a->kind == ATOM_DATA) &&
	       !name_is_fresh(name);
}

/*
 * clang calls the statics of a function "tick.state", "tick.state.1", in source order: the first
 * is as much a numbered name as the others, for a new one before it takes the plain form.
 */
static bool is_dotted_static(const struct model *m, atom_id id)
{
	return m->atoms[id].kind == ATOM_DATA && !atom_is_global(m, id) &&
	       strchr(atom_name(m, id), '.');
}

/* What twins have in common: the stem, and one stem for all statics of a function and name. */
static void candidate_key(const struct model *m, atom_id id, char ret[NAME_STEM_MAX])
{
	size_t len;

	name_stem(atom_name(m, id), ret);
	len = strlen(ret);
	if (is_dotted_static(m, id) && ret[len - 1] != '.' && len + 1 < NAME_STEM_MAX) {
		ret[len] = '.';
		ret[len + 1] = '\0';
	}
}

/* FNV-1a: the quality of the hash only decides speed, for the full names are compared too. */
static uint64_t hash_name(const char *s)
{
	uint64_t h = 1469598103934665603u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 1099511628211u;
	return h;
}

/* Adds each user once: a function that refers to the variable twice more is the same user. */
static void collect_users(const struct side *s, const size_t *index_of)
{
	const struct model *m = s->m;
	atom_id last_user = 0, last_to = 0;

	for (uint32_t i = 0; i < m->n_refs; i++) {
		const struct ref *ref = &m->refs[i];
		const struct atom *from = &m->atoms[ref->from];
		atom_id user = from->owner ? from->owner : ref->from;
		char stem[NAME_STEM_MAX];

		if (!ref->to || index_of[ref->to] == SIZE_MAX ||
		    (user == last_user && ref->to == last_to))
			continue;
		last_user = user;
		last_to = ref->to;
		name_stem(atom_name(m, user), stem);
		s->v[index_of[ref->to]].users |= 1ull << (hash_name(stem) & 63);
	}
}

static int collect(const struct model *m, struct side *ret, struct oak_error *err)
{
	_cleanup_(freep) size_t *index_of = calloc(m->n_atoms, sizeof(*index_of));

	ret->m = m;
	ret->v = calloc(m->n_atoms, sizeof(*ret->v));
	if (!ret->v || !index_of)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 0; i < m->n_atoms; i++) {
		index_of[i] = SIZE_MAX;
		if (i == 0 || !wants_twin(m, i))
			continue;
		index_of[i] = ret->n;
		candidate_key(m, i, ret->v[ret->n].key);
		ret->v[ret->n++].id = i;
	}
	collect_users(ret, index_of);
	return 0;
}

static int cmp_key(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	int c = strcmp(a->key, b->key);

	/* Ids break ties so that the result does not depend on the sort. */
	return c ? c : (a->id > b->id) - (a->id < b->id);
}

static bool same_sort(const struct side *o, const struct candidate *a, const struct side *p,
		      const struct candidate *b)
{
	return o->m->atoms[a->id].kind == p->m->atoms[b->id].kind &&
	       sec_is_code(&o->m->obj->secs[o->m->atoms[a->id].sec]) ==
		       sec_is_code(&p->m->obj->secs[p->m->atoms[b->id].sec]);
}

static void marry(struct pairing *pairing, struct candidate *o, struct candidate *p, bool doubtful)
{
	pairing->to_orig[p->id] = o->id;
	pairing->to_patched[o->id] = p->id;
	pairing->doubtful[p->id] = doubtful;
	o->taken = p->taken = true;
}

/* The levels of the funnel, strictest evidence first. */
enum level {
	BY_PLAIN_NAME,
	BY_UNIQUE_STEM,
	BY_USERS,
	BY_FULL_NAME,
	N_LEVELS
};

struct group {
	struct side *o, *p;
	size_t o0, o1, p0, p1; /* the candidates of one key: [o0, o1) and [p0, p1) */
};

static bool matches(const struct group *g, enum level level, const struct candidate *o,
		    const struct candidate *p)
{
	const char *on = atom_name(g->o->m, o->id), *pn = atom_name(g->p->m, p->id);

	if (o->taken || p->taken || !same_sort(g->o, o, g->p, p))
		return false;
	switch (level) {
	case BY_PLAIN_NAME:
		return !name_is_numbered(on) && !is_dotted_static(g->o->m, o->id) &&
		       strcmp(on, pn) == 0;
	case BY_UNIQUE_STEM:
		return true;
	case BY_USERS:
		return o->users == p->users && o->users;
	case BY_FULL_NAME:
		return strcmp(on, pn) == 0;
	case N_LEVELS:
		break;
	}
	return false;
}

/* Marries @p to the only original that matches it and that it alone matches. */
static void try_pair(const struct group *g, enum level level, struct candidate *p,
		     struct pairing *pairing)
{
	struct candidate *found = NULL;
	size_t n = 0;

	for (size_t i = g->o0; i < g->o1; i++) {
		if (matches(g, level, &g->o->v[i], p)) {
			found = &g->o->v[i];
			n++;
		}
	}
	if (n != 1)
		return;
	for (size_t i = g->p0; i < g->p1; i++)
		if (&g->p->v[i] != p && matches(g, level, found, &g->p->v[i]))
			return;
	marry(pairing, found, p, level == BY_FULL_NAME);
}

static void pair_group(const struct group *g, struct pairing *pairing)
{
	for (int level = 0; level < N_LEVELS; level++)
		for (size_t i = g->p0; i < g->p1; i++)
			if (!g->p->v[i].taken)
				try_pair(g, (enum level)level, &g->p->v[i], pairing);
}

/* Left over on both sides: one of these may well be the other, and nobody can tell which. */
static void doubt_rest(const struct group *g, struct pairing *pairing)
{
	for (size_t i = g->p0; i < g->p1; i++)
		for (size_t k = g->o0; k < g->o1; k++)
			if (!g->p->v[i].taken && !g->o->v[k].taken &&
			    same_sort(g->o, &g->o->v[k], g->p, &g->p->v[i]))
				pairing->doubtful[g->p->v[i].id] = true;
}

static size_t group_end(const struct side *s, size_t start)
{
	size_t i = start;

	while (i < s->n && strcmp(s->v[i].key, s->v[start].key) == 0)
		i++;
	return i;
}

static void pair_sorted(struct side *o, struct side *p, struct pairing *pairing)
{
	size_t i = 0, k = 0;

	while (i < o->n && k < p->n) {
		int c = strcmp(o->v[i].key, p->v[k].key);
		struct group g = { o, p, i, group_end(o, i), k, group_end(p, k) };

		if (c == 0) {
			pair_group(&g, pairing);
			doubt_rest(&g, pairing);
		}
		if (c <= 0)
			i = g.o1;
		if (c >= 0)
			k = g.p1;
	}
}

int pass_pair(const struct model *orig, const struct model *patched, struct pairing *ret,
	      struct oak_error *err)
{
	struct side o = { 0 }, p = { 0 };
	int r;

	ret->to_orig = calloc(patched->n_atoms, sizeof(*ret->to_orig));
	ret->to_patched = calloc(orig->n_atoms, sizeof(*ret->to_patched));
	ret->doubtful = calloc(patched->n_atoms, sizeof(*ret->doubtful));
	if (!ret->to_orig || !ret->to_patched || !ret->doubtful)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = collect(orig, &o, err);
	if (r == 0)
		r = collect(patched, &p, err);
	if (r == 0) {
		qsort(o.v, o.n, sizeof(*o.v), cmp_key);
		qsort(p.v, p.n, sizeof(*p.v), cmp_key);
		pair_sorted(&o, &p, ret);
	}
	free(o.v);
	free(p.v);
	return r;
}
