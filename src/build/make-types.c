/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-types: does a fix change the layout of what its objects share with the running kernel? */
#include "build/make-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build/compile.h"
#include "build/make-files.h"
#include "build/types.h"

static int out_of_memory(struct maker *m)
{
	return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
}

static int judge_file(struct maker *m, const char *path, struct cshared *ret)
{
	_cleanup_(buf_free) struct buf old = { 0 }, new = { 0 };
	enum file_action action = file_rule_of(path)->action;
	int r;

	if (action != FILE_OBJECT && action != FILE_HEADER)
		return 0;
	r = make_read_source(m, m->k->source, path, &old);
	if (r == 0)
		r = make_read_source(m, m->tree->dir, path, &new);
	return r < 0 ? r
		     : cshared_judge(buf_str(&old), old.len, buf_str(&new), new.len, ret, m->err);
}

static void add_shared(struct cshared *to, const struct cshared *what)
{
	to->types |= what->types;
	to->prototypes |= what->prototypes;
}

int make_judge_shared(struct maker *m)
{
	int r = 0;

	m->shared_by = calloc(m->res->n_fixes + 1, sizeof(*m->shared_by));
	if (!m->shared_by)
		return out_of_memory(m);
	for (size_t i = 0; r == 0 && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];

		for (size_t k = 0; r == 0 && k < f->n_files; k++)
			r = judge_file(m, f->files[k], &m->shared_by[i]);
		add_shared(&m->shared, &m->shared_by[i]);
	}
	return r;
}

struct cshared make_shared_of(const struct maker *m, const struct make_object *o)
{
	struct cshared all = { 0 };

	for (size_t i = 0; i < o->n_fixes; i++)
		add_shared(&all, &m->shared_by[o->fixes[i]]);
	return all;
}

/* Original and patched of each object whose code changed, compiled for their types. */
struct plan {
	struct compile *jobs; /* two an object */
	const struct make_object **of;
	char **paths;
	size_t n; /* objects */
};

static void plan_free(struct plan *p)
{
	for (size_t i = 0; p->paths && i < 2 * p->n; i++)
		free(p->paths[i]);
	free(p->paths);
	free(p->jobs);
	free(p->of);
}

static int plan_object(struct maker *m, const struct make_object *o, struct plan *p)
{
	const char *trees[] = { m->k->source, m->tree->dir };
	size_t first = 2 * p->n;

	p->of[p->n++] = o;
	for (size_t side = 0; side < 2; side++) {
		struct compile *job = &p->jobs[first + side];
		char **path = &p->paths[first + side];

		if (asprintf(path, "%s/%zu-types.o", m->tmp.dir, first + side) < 0) {
			*path = NULL;
			return out_of_memory(m);
		}
		*job = (struct compile){ .command = &o->command,
					 .env = kbuild_env(m->kb),
					 .tree = trees[side],
					 .out = *path,
					 .kind = COMPILE_TYPES };
	}
	return 0;
}

/* One object in two modules has the same types in both. */
static bool is_planned(const struct plan *p, const struct make_object *o)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->of[i]->command.object, o->command.object) == 0)
			return true;
	return false;
}

static int plan_all(struct maker *m, struct plan *p)
{
	size_t n = m->res->n_objects;
	int r = 0;

	p->jobs = calloc(2 * n + 1, sizeof(*p->jobs));
	p->paths = calloc(2 * n + 1, sizeof(*p->paths));
	p->of = calloc(n + 1, sizeof(struct make_object *));
	if (!p->jobs || !p->paths || !p->of)
		return out_of_memory(m);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct make_object *o = &m->res->objects[i];

		/* What stays as it is reads the running kernel's memory as it always did. */
		if ((o->diff.verdicts.n_changed || o->diff.verdicts.n_new) &&
		    make_shared_of(m, o).types && !is_planned(p, o))
			r = plan_object(m, o, p);
	}
	return r;
}

static bool is_told(const struct findings *f, const struct finding *one)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].rule == one->rule && strcmp(f->v[i].symbol, one->symbol) == 0)
			return true;
	return false;
}

/* A type of a header is told once, however many objects see it. */
static int add_findings(struct maker *m, const struct findings *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++)
		if (!is_told(&m->res->findings, &f->v[i]))
			r = finding_copy(&m->res->findings, &f->v[i], m->err);
	return r;
}

static int compare_types(struct maker *m, const struct plan *p, size_t i)
{
	_cleanup_(types_free) struct types orig = { 0 }, patched = { 0 };
	struct findings f = { 0 };
	int r = types_read(p->paths[2 * i], &orig, m->err);

	if (r == 0)
		r = types_read(p->paths[2 * i + 1], &patched, m->err);
	if (r == 0)
		r = types_compare(&orig, &patched, &f, m->err);
	if (r == 0)
		r = add_findings(m, &f);
	free(f.v);
	return r < 0 ? oak_context(m->err, "types of %s", p->of[i]->command.object) : 0;
}

int make_check_types(struct maker *m)
{
	_cleanup_(plan_free) struct plan p = { 0 };
	int r;

	if (!m->shared.types)
		return 0;
	r = plan_all(m, &p);
	if (r == 0 && p.n)
		progress_step(m->progress,
			      "types: the fix may change some; compiling %s%s for them",
			      p.of[0]->command.object, p.n > 1 ? " and others" : "");
	if (r == 0)
		r = compile_run(p.jobs, 2 * p.n, m->progress, m->err);
	for (size_t i = 0; r == 0 && i < p.n; i++)
		r = compare_types(m, &p, i);
	return r;
}
