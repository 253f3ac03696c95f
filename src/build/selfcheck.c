/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/selfcheck.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "build/selfcheck-meaning.h"

static const struct ko *find_module(void *context, const char *name)
{
	const struct emit_input *in = context;

	for (size_t i = 0; i < in->n_units; i++) {
		const struct unit *u = &in->units[i];

		if (u->ko && strcmp(ko_name(u->ko), name) == 0)
			return u->ko;
		for (size_t d = 0; d < u->n_deps; d++)
			if (strcmp(ko_name(u->deps[d]), name) == 0)
				return u->deps[d];
	}
	return NULL;
}

static bool same_object(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The klp_func of a replaced function says its name, its place in the kernel and the new code. */
static int check_replaced(const struct meaning *m, size_t u, atom_id id)
{
	const struct unit *unit = &m->in->units[u];
	atom_id orig = unit->diff->pairing.to_orig[id];
	const char *name = atom_name(unit->orig, orig);
	const struct spot *place = &m->places[u][id];

	for (size_t i = 0; i < m->sl->n_funcs; i++) {
		const struct sim_func *f = &m->sl->funcs[i];

		if (strcmp(f->name, name) != 0 || !same_object(f->object, unit->module) ||
		    f->old_addr != unit->proof->atoms[orig].addr)
			continue;
		return f->code.sym == place->sym && f->code.sec == place->sec &&
				       f->code.off == place->off
			       ? 0
			       : oak_fail(m->sl->err, OAK_E_FAILED,
					  "other code than its own replaces %s", name);
	}
	return oak_fail(m->sl->err, OAK_E_FAILED, "%s is not replaced where the proof found it",
			name);
}

static int check_functions(const struct meaning *m)
{
	size_t n = 0;

	for (size_t u = 0; u < m->in->n_units; u++) {
		const struct unit *unit = &m->in->units[u];

		for (atom_id i = 1; i < unit->patched->n_atoms; i++) {
			int r = 0;

			if (!diff_replaces(unit->diff, i))
				continue;
			r = check_replaced(m, u, i);
			if (r < 0)
				return r;
			n++;
		}
	}
	return n == m->sl->n_funcs
		       ? 0
		       : oak_fail(m->sl->err, OAK_E_FAILED,
				  "it replaces %zu functions, the fix %zu", m->sl->n_funcs, n);
}

static int compare_claims(const void *pa, const void *pb)
{
	const struct claim *a = pa, *b = pb;

	if (a->at.sec != b->at.sec)
		return a->at.sec < b->at.sec ? -1 : 1;
	if (a->at.off != b->at.off)
		return a->at.off < b->at.off ? -1 : 1;
	/* Of several at one place all but the last are empty. */
	return a->len < b->len ? -1 : a->len > b->len;
}

static bool is_zero(const struct mod_sec *s, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; s->data && i < to; i++)
		if (s->data[i])
			return false;
	return true;
}

/* Claims of one section, in order: each begins where the one before it ends, but for alignment. */
static int check_cover(const struct simload *sl, uint32_t sec, const struct claim *c, size_t n)
{
	const struct mod_sec *s = &sl->f->secs[sec];
	uint64_t end = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t start = (end + c[i].align - 1) / c[i].align * c[i].align;

		if (c[i].at.off != start || !is_zero(s, end, start))
			return oak_fail(sl->err, OAK_E_FAILED,
					"%s+0x%lx: %s begins here, expected at 0x%lx", s->name,
					(unsigned long)c[i].at.off,
					c[i].what[0] ? c[i].what : "a literal",
					(unsigned long)start);
		end = start + c[i].len;
	}
	return end == s->size ? 0
			      : oak_fail(sl->err, OAK_E_FAILED,
					 "%s: nobody asked for what is from 0x%lx on", s->name,
					 (unsigned long)end);
}

/* Sections whose content has a check of its own. */
static bool is_covered_elsewhere(const char *name)
{
	static const char *const names[] = { "__versions", ".modinfo", ".note.gnu.build-id" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int check_all_bytes(const struct simload *sl)
{
	size_t at = 0;
	int r = 0;

	if (sl->n_claims)
		qsort(sl->claims, sl->n_claims, sizeof(*sl->claims), compare_claims);
	for (uint32_t i = 1; r == 0 && i < sl->f->n_secs; i++) {
		const struct mod_sec *s = &sl->f->secs[i];
		size_t n = 0;

		while (at + n < sl->n_claims && sl->claims[at + n].at.sec == i)
			n++;
		if ((s->flags & SHF_ALLOC) && s->type != SHT_RELA && !is_covered_elsewhere(s->name))
			r = check_cover(sl, i, sl->claims + at, n);
		at += n;
	}
	return r;
}

static int check_all_relocations(const struct simload *sl)
{
	for (uint32_t i = 0; i < sl->f->n_relas; i++)
		if (!sl->seen[i])
			return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx: nobody asked for %s",
					sl->f->secs[sl->f->relas[i].sec].name,
					(unsigned long)sl->f->relas[i].off,
					sl->f->syms[sl->f->relas[i].sym].name);
	return 0;
}

static int compare_names(const void *pa, const void *pb)
{
	const struct mod_sym *const *a = pa, *const *b = pb;

	return strcmp((*a)->name, (*b)->name);
}

/* A symbol of the kernel's is there once: a field can name it in one way only. */
static int check_imports(const struct simload *sl)
{
	_cleanup_(freep) const struct mod_sym **v = calloc(sl->f->n_syms, sizeof(*v));
	size_t n = 0;

	if (!v)
		return oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 1; i < sl->f->n_syms; i++)
		if (!sl->f->syms[i].sec)
			v[n++] = &sl->f->syms[i];
	qsort(v, n, sizeof(*v), compare_names);
	for (size_t i = 1; i < n; i++)
		if (strcmp(v[i - 1]->name, v[i]->name) == 0)
			return oak_fail(sl->err, OAK_E_FAILED, "%s is imported twice", v[i]->name);
	return 0;
}

static int check_meaning(struct meaning *m)
{
	int r = check_imports(m->sl);

	if (r == 0)
		r = meaning_places(m);
	if (r == 0)
		r = check_functions(m);
	if (r == 0)
		r = meaning_refs(m);
	if (r == 0)
		r = meaning_own_code(m);
	if (r == 0)
		r = check_all_bytes(m->sl);
	return r < 0 ? r : check_all_relocations(m->sl);
}

int selfcheck_module(const struct buf *module, const struct emit_input *in, struct oak_error *err)
{
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	struct emit_input context = *in;
	struct selfcheck_kernel k = { in->img, find_module, &context };
	struct simload sl = { .k = &k, .err = err };
	struct meaning m = { .sl = &sl, .in = in, .world = { in->img, in->units, in->n_units } };
	int r = modfile_read(module->data, module->len, &f, err);

	sl.f = f;
	if (r == 0)
		r = simload_run(&sl);
	if (r == 0)
		r = check_meaning(&m);
	meaning_free_places(&m);
	simload_clear(&sl);
	return r < 0 ? oak_context(err, "the module does not pass its self-check") : 0;
}
