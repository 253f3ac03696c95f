/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "build/hooks.h"
#include "build/make-priv.h"
#include "build/selfcheck.h"
#include "build/sign.h"

static void maker_close(struct maker *m)
{
	struct oak_error ignored;

	worktree_close(m->tree);
	kbuild_close(m->kb);
	make_close_homes(m);
	sign_key_free(m->signer);
	kimage_free(m->img);
	mapping_close(&m->vmlinux);
	/* What stays behind is only space; the message would hide the result. */
	if (scratch_close(&m->tmp, &ignored) < 0)
		progress_step(m->progress, "%s", ignored.msg);
	include_graph_free(m->graph);
	free(m->shared_by);
	free(m->work);
	free(m->compiler);
}

/* The compiler says who it is; the proof says whether that is who built the kernel. */
static int ask_compiler(struct maker *m)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	char *nl;
	int r = process_run((const char *[]){ m->k->compiler, "--version", NULL }, NULL, &res,
			    m->err);

	if (r < 0)
		return oak_context(m->err,
				   "the kernel's compiler is not installed (apt-get install "
				   "%s)",
				   m->k->compiler);
	m->compiler = strdup(buf_str(&res.out));
	if (!m->compiler)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	nl = strchr(m->compiler, '\n');
	if (nl)
		*nl = '\0';
	return 0;
}

static int maker_open(struct maker *m)
{
	int r = work_dir(m->k, &m->work, m->err);

	if (r < 0)
		return r;
	r = scratch_open(m->work, &m->tmp, m->err);
	if (r == 0)
		r = kbuild_open(m->k, &m->kb, m->err);
	return r < 0 ? r : ask_compiler(m);
}

static int open_image(struct maker *m)
{
	int r = mapping_open(AT_FDCWD, m->k->vmlinux, &m->vmlinux, m->err);

	return r < 0 ? r : kimage_parse(m->vmlinux.data, m->vmlinux.len, &m->img, m->err);
}

static int open_fixes(struct maker *m)
{
	m->res->fixes = calloc(m->opt->n_fixes, sizeof(*m->res->fixes));
	if (!m->res->fixes)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < m->opt->n_fixes; i++) {
		const struct fix *f = m->opt->read ? m->opt->read[i] : NULL;
		int r = f ? fix_parse(f->text.data, f->text.len, m->opt->fixes[i],
				      &m->res->fixes[i], m->err)
			  : fix_open(m->opt->fixes[i], &m->res->fixes[i], m->err);

		if (r < 0)
			return r;
		m->res->n_fixes++;
	}
	return 0;
}

static int apply_fixes(struct maker *m)
{
	uint64_t start = clock_now_ns();
	int r = worktree_open(m->k, m->progress, &m->tree, m->err);

	for (size_t i = 0; r == 0 && i < m->res->n_fixes; i++) {
		progress_step(m->progress, "applying %s", m->res->fixes[i]->name);
		r = worktree_apply(m->tree, m->res->fixes[i], m->err);
		if (r < 0 && i)
			r = oak_context(m->err, "after %zu other%s", i, i == 1 ? "" : "s");
	}
	m->res->seconds.apply = clock_seconds_since(start);
	return r;
}

int make_unit(struct maker *m, const struct make_object *o, struct unit *ret)
{
	const struct module_home *h = NULL;
	int r = 0;

	if (o->command.home == HOME_MODULE)
		r = make_home(m, o->command.module, &h);
	if (r < 0)
		return r;
	*ret = (struct unit){ .object = o->command.object,
			      .home = h ? shipped_module(h->ko) : shipped_image(m->img),
			      .orig = o->orig,
			      .patched = o->patched,
			      .diff = &o->diff,
			      .proof = o->proof };
	if (h) {
		ret->module = ko_name(h->ko);
		ret->ko = h->ko;
		ret->deps = h->deps;
		ret->n_deps = h->n_deps;
	}
	return 0;
}

static int prove_all(struct maker *m)
{
	uint64_t start = clock_now_ns();
	int r = open_image(m);

	for (size_t i = 0; r == 0 && i < m->res->n_objects; i++) {
		struct make_object *o = &m->res->objects[i];
		struct unit u;

		r = make_unit(m, o, &u);
		if (r == 0)
			r = prove_object(o->orig, &u.home, &o->proof, m->err);
		if (r == 0)
			progress_step(m->progress,
				      "proof: %s: %u of %u functions are byte for byte what was "
				      "shipped",
				      o->command.object, o->proof->n_identical,
				      o->proof->n_functions);
	}
	m->res->seconds.prove = clock_seconds_since(start);
	return r;
}

static bool is_told(const struct findings *f, const struct finding *one)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].rule == one->rule && strcmp(f->v[i].symbol, one->symbol) == 0 &&
		    strcmp(f->v[i].why, one->why) == 0)
			return true;
	return false;
}

/* Several refs to one symbol say the same thing once. */
static int join_findings(struct maker *m, struct findings *to, const struct findings *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++)
		if (!is_told(to, &f->v[i]))
			r = finding_copy(to, &f->v[i], m->err);
	return r;
}

static int add_findings(struct maker *m, const struct findings *f)
{
	return join_findings(m, &m->res->findings, f);
}

static bool says(const struct obj *o, const char *symbol)
{
	for (sym_id i = 1; i < o->n_syms; i++)
		if (!o->syms[i].sec && strcmp(o->syms[i].name, symbol) == 0)
			return true;
	return false;
}

/* Does another object of the level use a function or variable that this one brings? */
static bool is_needed(const struct maker *m, const struct make_object *o)
{
	for (atom_id a = 1; a < o->patched->n_atoms; a++) {
		if (o->diff.verdicts.of[a] != VERDICT_NEW || !atom_is_global(o->patched, a))
			continue;
		for (size_t i = 0; i < m->res->n_objects; i++)
			if (says(m->res->objects[i].patched_obj, atom_name(o->patched, a)))
				return true;
	}
	return false;
}

/*
 * What is new and used by nobody: a function that a later fix will call. There is no function to
 * redirect for it, and without one the kernel would never resolve what it needs.
 */
static void leave_out_unused(struct maker *m)
{
	for (size_t i = 0; i < m->res->n_objects; i++) {
		struct make_object *o = &m->res->objects[i];

		if (diff_acts(&o->diff, o->patched))
			m->res->changed = true;
		else if (!is_needed(m, o))
			memset(o->diff.closure.included, 0,
			       o->patched->n_atoms * sizeof(*o->diff.closure.included));
	}
}

static int diff_all(struct maker *m)
{
	uint64_t start = clock_now_ns();
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->res->n_objects; i++) {
		struct make_object *o = &m->res->objects[i];

		o->diff.boot_is_over = o->command.home == HOME_VMLINUX;
		r = diff_run(o->orig, o->patched, &o->diff, m->err);
		if (r == 0)
			r = add_findings(m, &o->diff.findings);
		if (r == 0)
			r = join_findings(m, &m->res->warnings, &o->diff.warnings);
		if (r == 0)
			progress_step(m->progress, "diff: %s: %u changed, %u new",
				      o->command.object, o->diff.verdicts.n_changed,
				      o->diff.verdicts.n_new);
	}
	if (r == 0)
		leave_out_unused(m);
	m->res->seconds.diff = clock_seconds_since(start);
	return r;
}

/* All objects as units, in their order; the caller frees @ret_units. */
static int make_world(struct maker *m, struct unit **ret_units, struct link_world *ret)
{
	_cleanup_(freep) struct unit *units = calloc(m->res->n_objects, sizeof(*units));

	if (!units)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < m->res->n_objects; i++) {
		int r = make_unit(m, &m->res->objects[i], &units[i]);

		if (r < 0)
			return r;
	}
	*ret = (struct link_world){ m->img, units, m->res->n_objects };
	*ret_units = take_ptr(units);
	return 0;
}

/* Tracepoints of modules whose key would come too late. */
static int tell_quiet_tracepoints(struct maker *m, const struct link_world *w, const struct unit *u)
{
	int r = 0;

	for (atom_id i = 1; r == 0 && u->module && i < u->patched->n_atoms; i++) {
		const struct atom *a = &u->patched->atoms[i];
		bool omitted = false;

		if (u->diff->closure.included[i])
			r = link_omits(w, u, i, &omitted, m->err);
		if (omitted && strcmp(atom_section(u->patched, i), "__jump_table") == 0)
			progress_step(m->progress,
				      "note: %s: a tracepoint of module %s stays quiet in %s",
				      u->object, u->module, atom_name(u->patched, a->owner));
	}
	return r;
}

static int check_hooks(struct maker *m, const struct link_world *w)
{
	struct findings f = { 0 };
	int r = hooks_check(w, &f, m->err);

	if (r == 0)
		r = add_findings(m, &f);
	free(f.v);
	return r;
}

/* Needs the diffs of all objects: one may bring what another uses. */
static int link_all(struct maker *m)
{
	_cleanup_(freep) struct unit *units = NULL;
	struct link_world w = { 0 };
	int r = make_world(m, &units, &w);

	for (size_t i = 0; r == 0 && i < w.n_units; i++) {
		struct findings linked = { 0 };

		r = link_check(&w, &w.units[i], &linked, m->err);
		if (r == 0)
			r = add_findings(m, &linked);
		if (r == 0)
			r = tell_quiet_tracepoints(m, &w, &w.units[i]);
		free(linked.v);
	}
	return r < 0 ? r : check_hooks(m, &w);
}

static int write_module(struct maker *m, const struct buf *module, const char *name)
{
	struct make_result *res = m->res;
	_cleanup_(freep) char *manifest = path_join(m->opt->out_dir, "manifest.json");
	_cleanup_(freep) char *path = NULL;
	int r = dir_make(AT_FDCWD, m->opt->out_dir, m->err);

	if (asprintf(&path, "%s/%s.ko", m->opt->out_dir, name) < 0)
		path = NULL;
	if (!path || !manifest)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = file_write(AT_FDCWD, path, module->data, module->len, 0644, m->err);
	if (r == 0)
		r = make_manifest(m, manifest);
	if (r == 0) {
		res->module_path = take_ptr(path);
		res->manifest_path = take_ptr(manifest);
		r = make_write_explained(m);
	}
	return r;
}

static int emit_all(struct maker *m)
{
	uint64_t start = clock_now_ns();
	_cleanup_(buf_free) struct buf module = { 0 }, description = { 0 };
	_cleanup_(freep) struct unit *units = NULL;
	struct link_world w = { 0 };
	char name[32];
	struct emit_input in;
	int r;

	(void)snprintf(name, sizeof(name), "oakum_%u", m->opt->level);
	if (buf_printf(&description, "Oakum level %u for %s", m->opt->level, m->k->release) < 0)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	r = make_world(m, &units, &w);
	if (r < 0)
		return r;
	in = (struct emit_input){ .units = w.units,
				  .n_units = w.n_units,
				  .img = m->img,
				  .name = name,
				  .description = buf_str(&description) };
	r = emit_module(&in, &module, m->err);
	if (r == 0)
		r = selfcheck_module(&module, &in, m->err);
	if (r == 0)
		r = make_sign(m, &module);
	if (r == 0) {
		m->res->module_bytes = module.len;
		sha256_hex(module.data, module.len, m->res->module_sha256);
		r = make_explain(m, &w, &module, name);
	}
	if (r == 0 && m->opt->out_dir)
		r = write_module(m, &module, name);
	m->res->seconds.emit = clock_seconds_since(start);
	if (r == 0 && m->opt->out_dir)
		progress_step(m->progress, "wrote %s, %zu bytes", m->res->module_path,
			      m->res->module_bytes);
	return r;
}

static int make_all(struct maker *m)
{
	int r = make_check_accepts(m);

	if (r == 0)
		r = make_open_signer(m);
	if (r == 0)
		r = open_fixes(m);
	if (r == 0)
		r = maker_open(m);
	/* Applied first: a patch that does not fit this source deserves that answer. */
	if (r == 0)
		r = apply_fixes(m);
	if (r == 0)
		r = make_find_objects(m);
	for (size_t i = 0; r == 0 && i < m->res->n_objects; i++)
		r = worktree_take_made(m->tree, m->res->objects[i].command.source, m->err);
	if (r == 0)
		r = worktree_keep_lines(m->tree, m->err);
	/* A fix that is refused for its files still gets its objects compared: all reasons at once. */
	if (r < 0 || !m->res->n_objects)
		return r;
	r = make_compile_all(m);
	if (r == 0)
		r = prove_all(m);
	if (r == 0)
		r = diff_all(m);
	if (r == 0)
		r = make_check_types(m);
	if (r == 0)
		r = make_check_crcs(m);
	if (r == 0)
		r = link_all(m);
	if (r == 0)
		r = make_accept(m);
	if (r == 0 && m->res->changed && !m->res->findings.n && !m->res->stale_accept)
		r = emit_all(m);
	return r;
}

int make_level(const struct kernel *k, const struct make_options *opt, struct make_result *ret,
	       struct oak_error *err)
{
	struct maker m = { .k = k, .opt = opt, .progress = opt->progress, .res = ret, .err = err };
	uint64_t start = clock_now_ns();
	int r = make_all(&m);

	maker_close(&m);
	ret->seconds.total = clock_seconds_since(start);
	return r;
}

int make_prepare(const struct kernel *k, const struct progress *progress, struct oak_error *err)
{
	_cleanup_(worktree_closep) struct worktree *tree = NULL;
	_cleanup_(kbuild_closep) struct kbuild *kb = NULL;
	struct include_graph *g = NULL;
	int r = kbuild_open(k, &kb, err);

	if (r == 0)
		r = worktree_open(k, progress, &tree, err);
	if (r == 0)
		r = include_graph_open(k, progress, &g, err);
	include_graph_free(g);
	return r;
}

int make_prove(const struct kernel *k, const char *const *sources, size_t n,
	       const struct progress *progress, struct make_result *ret, struct oak_error *err)
{
	struct maker m = { .k = k, .progress = progress, .res = ret, .err = err };
	uint64_t start = clock_now_ns();
	int r = maker_open(&m);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = make_add_object(&m, sources[i], NO_FIX);
	if (r == 0)
		r = make_compile_all(&m);
	if (r == 0)
		r = prove_all(&m);
	maker_close(&m);
	ret->seconds.total = clock_seconds_since(start);
	return r;
}

void make_result_free(struct make_result *r)
{
	make_free_objects(r);
	for (size_t i = 0; i < r->n_fixes; i++)
		fix_free(r->fixes[i]);
	free(r->fixes);
	free(r->findings.v);
	free(r->accepted.v);
	free(r->warnings.v);
	free(r->module_path);
	free(r->manifest_path);
	explain_free(r->explain);
	*r = (struct make_result){ 0 };
}
