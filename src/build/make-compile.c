/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-compile: originals and patched objects, all at once as far as there are processors. */
#include "build/make-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "build/compile.h"

/* What belongs to one object on the way. */
struct plan {
	char *kept, *fresh, *patched;       /* paths */
	struct compile *original, *changed; /* NULL: not compiled */
};

struct plans {
	struct plan *v;
	size_t n;
	struct compile *jobs;
	size_t n_jobs;
};

static void plans_free(struct plans *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].kept);
		free(p->v[i].fresh);
		free(p->v[i].patched);
	}
	free(p->v);
	free(p->jobs);
}

/* Where the original is kept: by everything that could change its bytes. */
static char *kept_path(struct maker *m, const struct object_command *c)
{
	_cleanup_(buf_free) struct buf key = { 0 };
	char flags[SHA256_HEX_MAX], hash[SHA256_HEX_MAX];
	struct oak_error ignored;
	char *path;

	if (compile_flags_hash(c, flags, &ignored) < 0 ||
	    buf_printf(&key, "%s\n%s\n%s\n%s\n", flags, m->compiler, c->object, m->k->build_id) < 0)
		return NULL;
	sha256_hex(key.data, key.len, hash);
	return asprintf(&path, "%s/objects/%s.o", m->work, hash) < 0 ? NULL : path;
}

static int keep(struct maker *m, const char *from, const char *to)
{
	_cleanup_(freep) char *dir = path_join(m->work, "objects");
	int r = dir ? dir_make(AT_FDCWD, dir, m->err) : -OAK_E_NOMEM;

	if (r == 0 && rename(from, to) < 0)
		return oak_fail_errno(m->err, errno, "%s", to);
	return r;
}

static int read_model(struct maker *m, const char *path, const char *object, struct obj **obj,
		      struct model **model)
{
	int r = object_open(path, obj, m->err);

	if (r == 0)
		r = model_build(*obj, model, m->err);
	return r < 0 ? oak_context(m->err, "%s", object) : 0;
}

static struct compile *add_job(struct maker *m, struct plans *p, const struct object_command *c,
			       const char *tree, const char *out)
{
	struct compile *job = &p->jobs[p->n_jobs++];

	*job = (struct compile){ .command = c, .env = kbuild_env(m->kb), .tree = tree, .out = out };
	return job;
}

static bool is_planned(const struct plans *p, const char *kept)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].original && strcmp(p->v[i].kept, kept) == 0)
			return true;
	return false;
}

static int plan(struct maker *m, size_t i, struct plans *p)
{
	const struct object_command *c = &m->res->objects[i].command;
	struct plan *one = &p->v[p->n];

	one->kept = kept_path(m, c);
	if (asprintf(&one->fresh, "%s/%zu-orig.o", m->tmp.dir, i) < 0)
		one->fresh = NULL;
	if (asprintf(&one->patched, "%s/%zu-patched.o", m->tmp.dir, i) < 0)
		one->patched = NULL;
	if (!one->kept || !one->fresh || !one->patched) {
		p->n++;
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	}
	/* One object in two modules is one original. */
	if (!is_planned(p, one->kept) &&
	    ((m->opt && m->opt->fresh) || !file_exists(AT_FDCWD, one->kept)))
		one->original = add_job(m, p, c, m->k->source, one->fresh);
	if (m->tree)
		one->changed = add_job(m, p, c, m->tree->dir, one->patched);
	p->n++;
	return 0;
}

static int plan_all(struct maker *m, struct plans *p)
{
	size_t n = m->res->n_objects, n_kept = 0;
	int r = 0;

	p->v = calloc(n + 1, sizeof(*p->v));
	p->jobs = calloc(2 * n + 1, sizeof(*p->jobs));
	if (!p->v || !p->jobs)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = plan(m, i, p);
		n_kept += !p->v[i].original;
	}
	if (r == 0 && n)
		progress_step(m->progress, "compiling %s%s: %zu of %zu originals are kept",
			      m->res->objects[0].command.object, n > 1 ? " and others" : "", n_kept,
			      n);
	return r;
}

/* Do both files hold the same bytes? */
static int compare_files(struct maker *m, const char *a, const char *b, bool *ret)
{
	_cleanup_(mapping_close) struct mapping x = { 0 }, y = { 0 };
	int r = mapping_open(AT_FDCWD, a, &x, m->err);

	if (r == 0)
		r = mapping_open(AT_FDCWD, b, &y, m->err);
	if (r == 0)
		*ret = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
	return r;
}

/* @ret_keep: false where a candidate turned out not to change, or to be refused. */
static int finish(struct maker *m, struct make_object *o, const struct plan *p, bool *ret_keep)
{
	bool same = false;
	int r = 0;

	*ret_keep = true;
	o->compile_seconds[0] = p->original ? p->original->seconds : 0;
	o->compile_seconds[1] = p->changed ? p->changed->seconds : 0;
	if (p->original)
		r = keep(m, p->fresh, p->kept);
	if (r == 0 && o->candidate) {
		r = compare_files(m, p->kept, p->patched, &same);
		*ret_keep = !same;
		if (r == 0 && !same)
			r = make_check_home(m, &o->command, ret_keep);
	}
	if (r < 0 || !*ret_keep)
		return r;
	r = read_model(m, p->kept, o->command.object, &o->orig_obj, &o->orig);
	if (r == 0 && m->tree)
		r = read_model(m, p->patched, o->command.object, &o->patched_obj, &o->patched);
	o->compiled = r == 0;
	return r;
}

static void free_object(struct make_object *o)
{
	proof_free(o->proof);
	diff_free(&o->diff);
	model_free(o->orig);
	model_free(o->patched);
	object_free(o->orig_obj);
	object_free(o->patched_obj);
	object_command_free(&o->command);
	free(o->fixes);
}

void make_drop_object(struct maker *m, size_t i)
{
	struct make_result *res = m->res;

	free_object(&res->objects[i]);
	memmove(&res->objects[i], &res->objects[i + 1],
		(res->n_objects - i - 1) * sizeof(*res->objects));
	res->n_objects--;
}

void make_free_objects(struct make_result *res)
{
	for (size_t i = 0; i < res->n_objects; i++)
		free_object(&res->objects[i]);
	free(res->objects);
	res->objects = NULL;
	res->n_objects = 0;
}

int make_compile_all(struct maker *m)
{
	_cleanup_(plans_free) struct plans p = { 0 };
	uint64_t start = clock_now_ns();
	size_t n_dropped = 0;
	int r = plan_all(m, &p);

	if (r == 0)
		r = compile_run(p.jobs, p.n_jobs, m->progress, m->err);
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		bool keep_it;

		r = finish(m, &m->res->objects[i - n_dropped], &p.v[i], &keep_it);
		if (r == 0 && !keep_it)
			make_drop_object(m, i - n_dropped++);
	}
	m->res->seconds.compile = clock_seconds_since(start);
	return r;
}
