/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const struct {
	const char *name;
	size_t words; /* at most; empty ones at the end are left out */
} verbs[VM_VERBS] = {
	[VM_CASE] = { "case", 1 },   [VM_INSMOD] = { "insmod", 1 }, [VM_RMMOD] = { "rmmod", 1 },
	[VM_HOLDS] = { "holds", 1 }, [VM_MARK] = { "mark", 0 },     [VM_CLEAN] = { "clean", 0 },
	[VM_LOAD] = { "load", 3 },   [VM_REVERT] = { "revert", 2 }, [VM_GONE] = { "gone", 1 },
	[VM_SEES] = { "sees", 3 },   [VM_MISSES] = { "misses", 2 }, [VM_PROBE] = { "probe", 0 },
};

/* What the writing of one case has at hand. */
struct writer {
	const struct vm_cases *c;
	struct vm_plan *plan;
	struct oak_error *err;
	size_t level;       /* whose steps are written */
	const char *point;  /* where in the story */
	const bool *wanted; /* modules of the case */
	const bool *moving; /* those that come and go */
	bool can_move;      /* there are such */
	const struct vm_level *in_force;
	int r; /* the first failure; nothing is written after it */
};

const char *vm_verb_name(enum vm_verb verb)
{
	return verbs[verb].name;
}

void vm_level_file(size_t index, char ret[VM_WORD_MAX])
{
	(void)snprintf(ret, VM_WORD_MAX, "level.%zu.ko", index);
}

static void module_file(const char *name, char ret[VM_WORD_MAX])
{
	(void)snprintf(ret, VM_WORD_MAX, "modules/%s.ko", name);
}

/* Only what the guest reads as one word. */
static bool is_word(const char *s)
{
	return strlen(s) < VM_WORD_MAX && !strpbrk(s, " \n\t");
}

static int reserve(struct writer *w)
{
	size_t cap = w->plan->cap ? 2 * w->plan->cap : 64;
	struct vm_step *grown;

	if (w->plan->n < w->plan->cap)
		return 0;
	if (w->plan->n >= VM_STEPS_MAX)
		return oak_fail(w->err, OAK_E_TOOLARGE,
				"more than %d steps; test fewer levels at once", VM_STEPS_MAX);
	grown = reallocarray(w->plan->v, cap, sizeof(*grown));
	if (!grown)
		return oak_fail(w->err, OAK_E_NOMEM, "out of memory");
	w->plan->v = grown;
	w->plan->cap = cap;
	return 0;
}

static void put(struct writer *w, enum vm_verb verb, const char *a, const char *b, const char *c)
{
	const char *const words[VM_WORDS] = { a, b, c };
	struct vm_step *s;

	if (w->r == 0)
		w->r = reserve(w);
	for (size_t i = 0; w->r == 0 && i < VM_WORDS; i++)
		if (!is_word(words[i]))
			w->r = oak_fail(w->err, OAK_E_TOOLARGE, "no name for a module: \"%.80s\"",
					words[i]);
	if (w->r < 0)
		return;
	s = &w->plan->v[w->plan->n++];
	*s = (struct vm_step){ .verb = verb, .level = w->level, .point = w->point };
	for (size_t i = 0; i < VM_WORDS; i++)
		(void)snprintf(s->word[i], VM_WORD_MAX, "%s", words[i]);
}

/* Modules in, in order: the flagged ones. */
static void modules_in(struct writer *w, const bool *which)
{
	char file[VM_WORD_MAX];

	for (size_t i = 0; i < w->c->modules->n; i++) {
		if (!which[i])
			continue;
		module_file(w->c->modules->v[i].name, file);
		put(w, VM_INSMOD, file, "", "");
	}
}

/* One step each, those that need others first: the order that lets them go. */
static void for_modules(struct writer *w, enum vm_verb verb, const bool *which)
{
	for (size_t i = w->c->modules->n; i-- > 0;)
		if (which[i] && !w->c->modules->v[i].permanent)
			put(w, verb, w->c->modules->v[i].name, "", "");
}

static bool same_function(const struct vm_function *a, const struct vm_function *b)
{
	return strcmp(a->object, b->object) == 0 && strcmp(a->name, b->name) == 0 &&
	       a->sympos == b->sympos;
}

/* Functions of an object; a manifest names one once for each fix that touches its file. */
static unsigned int count_functions(const struct vm_level *l, const char *object)
{
	unsigned int n = 0;

	for (size_t i = 0; i < l->n_functions; i++) {
		bool repeated = strcmp(l->functions[i].object, object) != 0;

		for (size_t k = 0; k < i && !repeated; k++)
			repeated = same_function(&l->functions[k], &l->functions[i]);
		n += !repeated;
	}
	return n;
}

static void see(struct writer *w, const char *object)
{
	unsigned int n = count_functions(w->in_force, object);
	char count[16];

	(void)snprintf(count, sizeof(count), "%u", n);
	if (n > 0)
		put(w, VM_SEES, w->in_force->patch, object, count);
}

/* What is patched now: vmlinux, and the modules where they are there. */
static void look(struct writer *w, bool modules_are_in)
{
	see(w, "vmlinux");
	for (size_t i = 0; i < w->in_force->n_objects; i++) {
		if (modules_are_in)
			see(w, w->in_force->objects[i]);
		else
			put(w, VM_MISSES, w->in_force->patch, w->in_force->objects[i], "");
	}
}

static void probe(struct writer *w, bool level_is_on)
{
	bool fixed = level_is_on || w->c->probe_constant;
	size_t at = w->plan->n;

	if (!w->c->probe)
		return;
	put(w, VM_PROBE, "", "", "");
	if (w->r == 0)
		w->plan->v[at].want = fixed ? VM_WANT_FIXED : VM_WANT_VULNERABLE;
}

static void load(struct writer *w, const struct vm_level *l, bool modules_are_in)
{
	char file[VM_WORD_MAX];
	const bool meanwhile = w->c->probe && modules_are_in;

	vm_level_file(w->level, file);
	put(w, VM_LOAD, file, l->patch, meanwhile ? "probe" : "");
	w->in_force = l;
	look(w, modules_are_in);
}

static void revert(struct writer *w)
{
	put(w, VM_REVERT, w->in_force->patch, w->c->probe ? "probe" : "", "");
	put(w, VM_RMMOD, w->in_force->patch, "", "");
}

/* The patched modules leave and come back while a level is in force. */
static void move_under(struct writer *w)
{
	if (!w->can_move)
		return;
	w->point = "modules unloaded";
	for_modules(w, VM_RMMOD, w->moving);
	look(w, false);
	w->point = "modules loaded again";
	modules_in(w, w->moving);
	look(w, true);
	probe(w, true);
}

static void revert_and_look(struct writer *w, const char *point)
{
	w->point = point;
	revert(w);
	probe(w, false);
}

/*
 * The level is there before its modules. This comes first, for a module that holds itself comes
 * only once.
 */
static void level_first(struct writer *w, const struct vm_level *l, const bool *others)
{
	w->point = "before";
	modules_in(w, others);
	w->point = "level loaded before its modules";
	load(w, l, false);
	w->point = "modules loaded after the level";
	modules_in(w, w->moving);
	look(w, true);
	probe(w, true);
	revert_and_look(w, "reverted");
}

/* The level comes to what is there, and goes; nothing is left of it. */
static void level_alone(struct writer *w, const struct vm_level *l)
{
	w->point = "before";
	probe(w, false);
	w->point = "level loaded";
	load(w, l, true);
	probe(w, true);
	revert_and_look(w, "reverted");
	put(w, VM_CLEAN, "", "", "");
}

/* Loaded again, its modules leave under it and come back; replaced; reverted. */
static void level_again(struct writer *w, const struct vm_level *l)
{
	w->point = "level loaded again";
	load(w, l, true);
	probe(w, true);
	move_under(w);
	if (w->c->next) {
		w->level++;
		w->point = "replaced by the next level";
		load(w, w->c->next, true);
		put(w, VM_GONE, l->patch, "", "");
		put(w, VM_RMMOD, l->patch, "", "");
		probe(w, true);
		move_under(w);
	}
	revert_and_look(w, "reverted again");
	put(w, VM_CLEAN, "", "", "");
	for_modules(w, VM_RMMOD, w->wanted);
}

/* @others: the modules of the case that do not come and go. */
static void story(struct writer *w, const struct vm_level *l, const bool *others)
{
	w->point = "before";
	put(w, VM_CASE, l->patch, "", "");
	if (w->can_move)
		level_first(w, l, others);
	else
		modules_in(w, w->wanted);
	for_modules(w, VM_HOLDS, w->wanted);
	put(w, VM_MARK, "", "", "");
	if (!w->can_move)
		level_alone(w, l);
	level_again(w, l);
}

/* Modules by name: first those that are patched, n_patched, then those that the author asks for. */
struct names {
	const char **v;
	size_t n, n_patched;
};

static void append(struct names *names, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		names->v[names->n++] = v[i];
}

static int name_modules(const struct vm_cases *c, const struct vm_level *l, struct names *ret,
			struct oak_error *err)
{
	size_t more = c->next ? c->next->n_objects : 0;

	ret->v = calloc(l->n_objects + more + c->n_extra + 1, sizeof(*ret->v));
	if (!ret->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	append(ret, l->objects, l->n_objects);
	if (c->next)
		append(ret, c->next->objects, c->next->n_objects);
	ret->n_patched = ret->n;
	append(ret, c->extra, c->n_extra);
	return 0;
}

static int put_case(const struct vm_cases *c, size_t level, struct vm_plan *plan,
		    struct oak_error *err)
{
	_cleanup_(freep) bool *wanted = calloc(c->modules->n + 1, sizeof(*wanted));
	_cleanup_(freep) bool *moving = calloc(c->modules->n + 1, sizeof(*moving));
	_cleanup_(freep) bool *others = calloc(c->modules->n + 1, sizeof(*others));
	const struct vm_level *l = &c->levels[level];
	struct writer w = { .c = c, .plan = plan, .err = err, .level = level };
	struct names names = { .n = 0 };

	if (!wanted || !moving || !others)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	w.r = name_modules(c, l, &names, err);
	if (w.r < 0)
		return w.r;
	vm_modules_wanted(c->modules, names.v, names.n, wanted);
	w.can_move = vm_modules_moving(c->modules, wanted, names.v, names.n_patched, moving) &&
		     names.n_patched > 0;
	w.wanted = wanted;
	w.moving = moving;
	for (size_t i = 0; i < c->modules->n; i++)
		others[i] = wanted[i] && !moving[i];
	story(&w, l, others);
	free(names.v);
	return w.r;
}

int vm_plan_make(const struct vm_cases *c, struct vm_plan *ret, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++)
		r = put_case(c, i, ret, err);
	return r < 0 ? oak_context(err, "the plan of the test") : 0;
}

void vm_plan_free(struct vm_plan *p)
{
	free(p->v);
	*p = (struct vm_plan){ 0 };
}

int vm_plan_text(const struct vm_plan *p, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		const struct vm_step *s = &p->v[i];

		r = buf_add_str(ret, verbs[s->verb].name);
		for (size_t k = 0; r == 0 && k < verbs[s->verb].words && s->word[k][0]; k++)
			r = buf_printf(ret, " %s", s->word[k]);
		if (r == 0)
			r = buf_add_str(ret, "\n");
	}
	return r;
}
