/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit-targets: which objects of the running kernel the level touches. */
#include "build/emit-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct target *emit_target(const struct emitter *e, const char *name)
{
	for (size_t i = 0; i < e->n_targets; i++)
		if (same_name(e->targets[i].name, name))
			return &e->targets[i];
	return NULL;
}

/* vmlinux first: what a module's patched code may call is patched before it. */
static int compare_targets(const void *pa, const void *pb)
{
	const struct target *a = pa, *b = pb;

	if (!a->name || !b->name)
		return !!a->name - !!b->name;
	return strcmp(a->name, b->name);
}

static int add_target(struct emitter *e, const struct unit *u)
{
	struct target *v;

	if (emit_target(e, u->module))
		return 0;
	v = reallocarray(e->targets, e->n_targets + 1, sizeof(*v));
	if (!v)
		return emit_no_memory(e);
	e->targets = v;
	v += e->n_targets++;
	*v = (struct target){ .name = u->module };
	if (asprintf(&v->prefix, ".klp.rela.%s.", u->module ? u->module : "vmlinux") < 0) {
		v->prefix = NULL;
		return emit_no_memory(e);
	}
	return 0;
}

int emit_find_targets(struct emitter *e)
{
	for (size_t i = 0; i < e->in->n_units; i++) {
		const struct unit *u = &e->in->units[i];
		bool replaces = false, includes = false;
		int r;

		for (unsigned k = 0; k < HOOKS; k++)
			replaces |= u->diff->author.hooks[k] != 0;
		for (atom_id a = 1; a < u->patched->n_atoms; a++) {
			includes |= u->diff->closure.included[a];
			replaces |= diff_replaces(u->diff, a);
		}
		if (!includes)
			continue;
		r = add_target(e, u);
		if (r < 0)
			return r;
		emit_target(e, u->module)->patched |= replaces;
	}
	if (e->n_targets)
		qsort(e->targets, e->n_targets, sizeof(*e->targets), compare_targets);
	return 0;
}

void emit_free_targets(struct emitter *e)
{
	for (size_t i = 0; i < e->n_targets; i++) {
		free(e->targets[i].prefix);
		free(e->targets[i].late);
	}
	free(e->targets);
}
