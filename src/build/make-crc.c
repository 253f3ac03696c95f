/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make-crc: does a fix change the CRC of a symbol that its objects export?
 *
 * By the kernel's own genksyms, run on the preprocessed source as its makefiles do
 * (scripts/Makefile.build, cmd_gensymtypes_c).
 */
#include "build/make-priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build/compile.h"
#include "build/crc.h"

/* Preprocessed sources of the kernel take up to 6 MB, Module.symvers 2 MB. */
#define TEXT_MAX_BYTES (64u << 20)

/* What genksyms says of one side. */
struct side {
	char *source, *types; /* paths */
	struct process_result res;
	struct buf symtypes;
};

struct plan {
	struct side *sides; /* two an object */
	struct compile *jobs;
	const struct make_object **of;
	size_t n; /* objects */
};

static void plan_free(struct plan *p)
{
	for (size_t i = 0; i < 2 * p->n; i++) {
		free(p->sides[i].source);
		free(p->sides[i].types);
		process_result_free(&p->sides[i].res);
		buf_free(&p->sides[i].symtypes);
	}
	free(p->sides);
	free(p->jobs);
	free(p->of);
}

static int out_of_memory(struct maker *m)
{
	return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
}

/* "__ksymtab", "___ksymtab+name", "__ksymtab_strings"; ".export_symbol" since 6.5. */
static bool has_exports(const struct obj *o)
{
	for (uint32_t i = 0; i < o->n_secs; i++) {
		const char *name = o->secs[i].name;

		if (strstr(name, "__ksymtab") || strcmp(name, ".export_symbol") == 0)
			return true;
	}
	return false;
}

static bool has_crcs(const struct maker *m)
{
	_cleanup_(buf_free) struct buf config = { 0 };
	struct oak_error ignored;

	/* A kernel whose configuration cannot be read is treated like one that has them. */
	return file_read(AT_FDCWD, m->k->config, TEXT_MAX_BYTES, &config, &ignored) < 0 ||
	       strstr(buf_str(&config), "\nCONFIG_MODVERSIONS=y\n");
}

static int plan_side(struct maker *m, const struct make_object *o, struct plan *p, size_t i)
{
	struct side *s = &p->sides[i];

	if (asprintf(&s->source, "%s/%zu-crc.i", m->tmp.dir, i) < 0)
		s->source = NULL;
	if (asprintf(&s->types, "%s/%zu-crc.symtypes", m->tmp.dir, i) < 0)
		s->types = NULL;
	if (!s->source || !s->types)
		return out_of_memory(m);
	p->jobs[i] = (struct compile){ .command = &o->command,
				       .env = kbuild_env(m->kb),
				       .tree = i % 2 ? m->tree->dir : m->k->source,
				       .out = s->source,
				       .kind = COMPILE_TEXT };
	return 0;
}

/* One object in two modules exports the same from both. */
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

	p->sides = calloc(2 * n + 1, sizeof(*p->sides));
	p->jobs = calloc(2 * n + 1, sizeof(*p->jobs));
	p->of = calloc(n + 1, sizeof(struct make_object *));
	if (!p->sides || !p->jobs || !p->of)
		return out_of_memory(m);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct make_object *o = &m->res->objects[i];

		if (!make_shared_of(m, o).prototypes || !has_exports(o->orig_obj) ||
		    is_planned(p, o))
			continue;
		p->of[p->n++] = o;
		r = plan_side(m, o, p, 2 * p->n - 2);
		if (r == 0)
			r = plan_side(m, o, p, 2 * p->n - 1);
	}
	return r;
}

static int run_genksyms(struct maker *m, const char *genksyms, struct side *s)
{
	_cleanup_(mapping_close) struct mapping source = { 0 };
	struct process_options opt = { .env = kbuild_env(m->kb) };
	int r = mapping_open(AT_FDCWD, s->source, &source, m->err);

	opt.input = source.data;
	opt.input_len = source.len;
	if (r == 0)
		r = process_run((const char *[]){ genksyms, "-r", "/dev/null", "-T", s->types,
						  NULL },
				&opt, &s->res, m->err);
	if (r < 0)
		return r;
	if (s->res.status != 0)
		return oak_fail(m->err, OAK_E_FAILED, "genksyms fails: %.300s",
				buf_str(&s->res.err));
	return file_read(AT_FDCWD, s->types, TEXT_MAX_BYTES, &s->symtypes, m->err);
}

/* Our own way to a CRC, tried on the shipped ones. */
static int check_shipped(struct maker *m, const struct make_object *o, const struct side *s)
{
	_cleanup_(buf_free) struct buf symvers = { 0 };
	char name[256];
	int r = file_read(AT_FDCWD, m->k->symvers, TEXT_MAX_BYTES, &symvers, m->err);

	if (r == 0)
		r = crc_check_shipped(buf_str(&s->res.out), buf_str(&symvers), name, m->err);
	if (r == 0 && name[0])
		r = finding_add(&m->res->findings, RULE_EXPORT_CRC, o->command.object,
				"use the distribution's source and tools", m->err,
				"the CRC of %s, computed from the original source, is not the "
				"shipped one, so nothing can be said of the exported symbols",
				name);
	return r;
}

static int compare_object(struct maker *m, const char *genksyms, const struct make_object *o,
			  struct side *orig, struct side *patched)
{
	int r = run_genksyms(m, genksyms, orig);

	if (r == 0)
		r = run_genksyms(m, genksyms, patched);
	if (r == 0)
		r = check_shipped(m, o, orig);
	if (r == 0)
		r = crc_compare(&(struct crc_text){ buf_str(&orig->res.out),
						    buf_str(&orig->symtypes) },
				&(struct crc_text){ buf_str(&patched->res.out),
						    buf_str(&patched->symtypes) },
				&m->res->findings, m->err);
	return r < 0 ? oak_context(m->err, "exports of %s", o->command.object) : 0;
}

int make_check_crcs(struct maker *m)
{
	_cleanup_(plan_free) struct plan p = { 0 };
	_cleanup_(freep) char *genksyms = path_join(m->k->source, "scripts/genksyms/genksyms");
	int r;

	if (!m->shared.prototypes || !has_crcs(m))
		return 0;
	if (!genksyms)
		return out_of_memory(m);
	r = plan_all(m, &p);
	if (r < 0 || !p.n)
		return r;
	if (!file_exists(AT_FDCWD, genksyms))
		return finding_add(&m->res->findings, RULE_EXPORT_CRC, p.of[0]->command.object,
				   "add the kernel again with its build tools", m->err,
				   "the kernel's genksyms is not there, so nothing can be said of "
				   "the exported symbols");
	progress_step(m->progress, "exports: the fix may change some; asking genksyms");
	r = compile_run(p.jobs, 2 * p.n, m->progress, m->err);
	for (size_t i = 0; r == 0 && i < p.n; i++)
		r = compare_object(m, genksyms, p.of[i], &p.sides[2 * i], &p.sides[2 * i + 1]);
	return r;
}
