/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair: a funnel, strictest evidence first. Names are exact at every level; nothing is hashed.
 *
 *	1. A name without numbers is identity in C: it pairs as it stands.
 *	2. What unchanged code refers to at one place is the same (pair_by_anchors()).
 *	3. The only one of its stem on both sides, if it cannot be another: a clone of a function
 *	   (of its callers, those that are not replaced call it as before), or a static of a
 *	   function that it is of on both sides (by clang's name, or a user that both have).
 *	4. The same set of users, no other of the stem having that set. Two statics whose users
 *	   all changed could still have changed places (an inlined helper that moved), so these
 *	   are doubtful where nothing but the users tells them apart.
 *	5. What is left pairs by the full name and is doubtful.
 *
 * pass_check() turns doubt into a refusal as soon as it matters.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

#include "build/names.h"
#include "build/pair-priv.h"

static bool wants_twin(const struct model *m, atom_id id)
{
	const struct atom *a = &m->atoms[id];

	return atom_name(m, id)[0] &&
	       (a->kind == ATOM_CODE || a->kind == ATOM_PART || a->kind == ATOM_DATA) &&
	       !name_is_fresh(atom_name(m, id), atom_section(m, id));
}

/*
 * clang calls the statics of a function "tick.state", "tick.state.1", in source order: the first
 * is as much a numbered name as the others, for a new one before it takes the plain form.
 */
static bool is_dotted_static(const struct model *m, atom_id id)
{
	const char *name = atom_name(m, id);
	size_t base = name_base_len(name);

	return m->atoms[id].kind == ATOM_DATA && !atom_is_global(m, id) &&
	       base + 1 < name_plain_len(name);
}

/* The stem, and one stem for all statics of a function and name. */
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

int candidate_cmp_group(const struct side *sa, const struct candidate *a, const struct side *sb,
			const struct candidate *b)
{
	const struct atom *aa = &sa->m->atoms[a->id], *ab = &sb->m->atoms[b->id];
	int c = strcmp(a->key, b->key);

	if (c == 0)
		c = (aa->kind > ab->kind) - (aa->kind < ab->kind);
	return c ? c : (a->numbered > b->numbered) - (a->numbered < b->numbered);
}

static int cmp_candidate(const void *pa, const void *pb, void *side)
{
	const struct candidate *a = pa, *b = pb;
	int c = candidate_cmp_group(side, a, side, b);

	/* Ids break ties so that the result does not depend on the sort. */
	return c ? c : (a->id > b->id) - (a->id < b->id);
}

static void side_release(struct side *s)
{
	free(s->v);
	free(s->index_of);
	free(s->users);
	free(s->text);
}

/* A key is at most one character longer than its name. */
static size_t text_needed(const struct model *m)
{
	size_t n = 1;

	for (atom_id i = 1; i < m->n_atoms; i++)
		n += wants_twin(m, i) ? strlen(atom_name(m, i)) + 2 : 0;
	return n;
}

static void list_candidates(struct side *s)
{
	char *text = s->text;

	for (atom_id i = 1; i < s->m->n_atoms; i++) {
		char key[NAME_STEM_MAX];
		size_t len;

		if (!wants_twin(s->m, i))
			continue;
		candidate_key(s->m, i, key);
		len = strlen(key) + 1;
		memcpy(text, key, len);
		s->v[s->n++] = (struct candidate){
			.key = text,
			.id = i,
			.numbered = name_is_numbered(atom_name(s->m, i)) ||
				    is_dotted_static(s->m, i),
		};
		text += len;
	}
}

static int collect(const struct model *m, struct side *ret, struct oak_error *err)
{
	ret->m = m;
	ret->v = calloc(m->n_atoms, sizeof(*ret->v));
	ret->index_of = calloc(m->n_atoms, sizeof(*ret->index_of));
	ret->text = malloc(text_needed(m));
	if (!ret->v || !ret->index_of || !ret->text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	list_candidates(ret);
	qsort_r(ret->v, ret->n, sizeof(*ret->v), cmp_candidate, ret);
	for (atom_id i = 0; i < m->n_atoms; i++)
		ret->index_of[i] = SIZE_MAX;
	for (size_t i = 0; i < ret->n; i++)
		ret->index_of[ret->v[i].id] = i;
	return pair_collect_users(ret, err);
}

void pair_marry(struct pairing *pairing, struct candidate *o, struct candidate *p, bool doubtful)
{
	pairing->to_orig[p->id] = o->id;
	pairing->to_patched[o->id] = p->id;
	pairing->doubtful[p->id] = doubtful;
	o->taken = p->taken = true;
}

/* The candidates of one group: [o0, o1) and [p0, p1), both not empty. */
struct group {
	struct side *o, *p;
	size_t o0, o1, p0, p1;
	struct pairing *pairing;
	struct candidate **left_o, **left_p; /* scratch: those not taken yet */
	size_t n_left_o, n_left_p;
};

static void find_left(struct group *g)
{
	g->n_left_o = g->n_left_p = 0;
	for (size_t i = g->o0; i < g->o1; i++)
		if (!g->o->v[i].taken)
			g->left_o[g->n_left_o++] = &g->o->v[i];
	for (size_t i = g->p0; i < g->p1; i++)
		if (!g->p->v[i].taken)
			g->left_p[g->n_left_p++] = &g->p->v[i];
}

static void pair_plain(struct group *g)
{
	/* Two of one plain name are assembly's: nothing tells them apart. */
	if (!g->o->v[g->o0].numbered && g->o1 - g->o0 == 1 && g->p1 - g->p0 == 1)
		pair_marry(g->pairing, &g->o->v[g->o0], &g->p->v[g->p0], false);
}

/*
 * A constant has no value to lose: if the wrong ones are married, they differ, and that is refused.
 */
static bool are_constants(const struct group *g, const struct candidate *o,
			  const struct candidate *p)
{
	return !atom_is_writable(g->o->m, o->id) && !atom_is_writable(g->p->m, p->id) &&
	       g->o->m->atoms[o->id].size == g->p->m->atoms[p->id].size;
}

static void pair_lone(struct group *g)
{
	struct candidate *o = &g->o->v[g->o0], *p = &g->p->v[g->p0];

	if (g->o1 - g->o0 != 1 || g->p1 - g->p0 != 1 || o->taken || p->taken)
		return;
	if (g->p->m->atoms[p->id].kind != ATOM_DATA ||
	    (is_dotted_static(g->o->m, o->id) && is_dotted_static(g->p->m, p->id)) ||
	    are_constants(g, o, p) || pair_share_user(g->o, o, g->p, p))
		pair_marry(g->pairing, o, p, false);
}

static int cmp_users_of(const void *pa, const void *pb, void *side)
{
	const struct candidate *a = *(struct candidate *const *)pa;
	const struct candidate *b = *(struct candidate *const *)pb;

	return pair_cmp_users(side, a, side, b);
}

static int cmp_name_of(const void *pa, const void *pb, void *side)
{
	const struct candidate *a = *(struct candidate *const *)pa;
	const struct candidate *b = *(struct candidate *const *)pb;
	const struct side *s = side;

	return strcmp(atom_name(s->m, a->id), atom_name(s->m, b->id));
}

typedef int cmp_fn(const struct side *sa, const struct candidate *a, const struct side *sb,
		   const struct candidate *b);

static int cmp_full_name(const struct side *sa, const struct candidate *a, const struct side *sb,
			 const struct candidate *b)
{
	return strcmp(atom_name(sa->m, a->id), atom_name(sb->m, b->id));
}

/* How many from @i on are equal to the first. */
static size_t run_len(const struct side *s, struct candidate **v, size_t n, size_t i, cmp_fn *cmp)
{
	size_t k = i + 1;

	while (k < n && cmp(s, v[i], s, v[k]) == 0)
		k++;
	return k - i;
}

/* Marries what is alone on both sides with its users or its name; both lists are sorted so. */
static void marry_equal(struct group *g, cmp_fn *cmp, bool doubtful)
{
	size_t i = 0, k = 0;

	while (i < g->n_left_o && k < g->n_left_p) {
		struct candidate *o = g->left_o[i], *p = g->left_p[k];
		size_t no = run_len(g->o, g->left_o, g->n_left_o, i, cmp);
		size_t np = run_len(g->p, g->left_p, g->n_left_p, k, cmp);
		int c = cmp(g->o, o, g->p, p);

		if (c == 0 && no == 1 && np == 1)
			pair_marry(g->pairing, o, p, doubtful || o->disputed || p->disputed);
		i += c <= 0 ? no : 0;
		k += c >= 0 ? np : 0;
	}
}

/* Could one stand for the other, as far as the object shows? */
static int cmp_looks(const void *pa, const void *pb, void *side)
{
	const struct candidate *a = *(struct candidate *const *)pa;
	const struct candidate *b = *(struct candidate *const *)pb;
	const struct model *m = ((const struct side *)side)->m;
	const struct atom *aa = &m->atoms[a->id], *ab = &m->atoms[b->id];
	const uint8_t *ba = atom_bytes(m, a->id), *bb = atom_bytes(m, b->id);

	if (aa->size != ab->size)
		return aa->size < ab->size ? -1 : 1;
	if (!ba || !bb)
		return !bb - !ba;
	return memcmp(ba, bb, aa->size);
}

static void doubt_alike(struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_left_p; i++)
		if (g->left_p[i]->taken && g->p->m->atoms[g->left_p[i]->id].kind == ATOM_DATA)
			g->left_p[n++] = g->left_p[i];
	qsort_r(g->left_p, n, sizeof(struct candidate *), cmp_looks, g->p);
	for (size_t i = 1; i < n; i++) {
		if (cmp_looks(&g->left_p[i - 1], &g->left_p[i], g->p) == 0) {
			g->pairing->doubtful[g->left_p[i - 1]->id] = true;
			g->pairing->doubtful[g->left_p[i]->id] = true;
		}
	}
}

static void pair_by_users(struct group *g)
{
	find_left(g);
	qsort_r(g->left_o, g->n_left_o, sizeof(struct candidate *), cmp_users_of, g->o);
	qsort_r(g->left_p, g->n_left_p, sizeof(struct candidate *), cmp_users_of, g->p);
	marry_equal(g, pair_cmp_users, false);
	doubt_alike(g);
}

/* What is still left on both sides: one may well be the other, and nobody can tell which. */
static void pair_rest(struct group *g)
{
	find_left(g);
	if (!g->n_left_o)
		return;
	for (size_t i = 0; i < g->n_left_p; i++)
		g->pairing->doubtful[g->left_p[i]->id] = true;
	qsort_r(g->left_o, g->n_left_o, sizeof(struct candidate *), cmp_name_of, g->o);
	qsort_r(g->left_p, g->n_left_p, sizeof(struct candidate *), cmp_name_of, g->p);
	if (g->o->v[g->o0].numbered)
		marry_equal(g, cmp_full_name, true);
}

static size_t group_end(const struct side *s, size_t start)
{
	size_t i = start;

	while (i < s->n && candidate_cmp_group(s, &s->v[i], s, &s->v[start]) == 0)
		i++;
	return i;
}

/* Calls @step for each group that both sides have. */
static void each_group(struct group *g, void (*step)(struct group *))
{
	size_t i = 0, k = 0;

	while (i < g->o->n && k < g->p->n) {
		int c = candidate_cmp_group(g->o, &g->o->v[i], g->p, &g->p->v[k]);

		g->o0 = i;
		g->o1 = group_end(g->o, i);
		g->p0 = k;
		g->p1 = group_end(g->p, k);
		if (c == 0)
			step(g);
		i = c <= 0 ? g->o1 : i;
		k = c >= 0 ? g->p1 : k;
	}
}

static void doubt_disputed(const struct side *p, struct pairing *pairing)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].disputed)
			pairing->doubtful[p->v[i].id] = true;
}

static int pair_sides(struct side *o, struct side *p, struct pairing *pairing, struct oak_error *err)
{
	_cleanup_(freep) struct candidate **left_o = calloc(o->n + 1, sizeof(*left_o));
	_cleanup_(freep) struct candidate **left_p = calloc(p->n + 1, sizeof(*left_p));
	struct group g = { .o = o, .p = p, .pairing = pairing, .left_o = left_o, .left_p = left_p };
	int r;

	if (!left_o || !left_p)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	each_group(&g, pair_plain);
	r = pair_by_anchors(o, p, pairing, err);
	if (r < 0)
		return r;
	each_group(&g, pair_lone);
	/* Clones that are alone may be the unchanged code that tells of statics. */
	r = pair_by_anchors(o, p, pairing, err);
	if (r < 0)
		return r;
	each_group(&g, pair_by_users);
	each_group(&g, pair_rest);
	doubt_disputed(p, pairing);
	return 0;
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
	if (r == 0)
		r = pair_sides(&o, &p, ret, err);
	side_release(&o);
	side_release(&p);
	return r;
}
