/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-refs: where each field of the fix's atoms leads, compared with where it should. */
#include "build/selfcheck-meaning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One field: what the module says and what was meant. */
struct field {
	struct meaning *m;
	size_t u;
	const struct ref *ref;
	const struct mod_rela *rela;
};

static int differs(const struct field *f, const char *want)
{
	const struct unit *unit = &f->m->in->units[f->u];
	const struct modfile *file = f->m->sl->f;

	return oak_fail(f->m->sl->err, OAK_E_FAILED, "%s+0x%lx (%s) leads to %s%+ld, not to %s",
			atom_name(unit->patched, f->ref->from), (unsigned long)f->ref->off,
			file->secs[f->rela->sec].name, file->syms[f->rela->sym].name,
			(long)f->rela->addend, want);
}

static int check_level(const struct field *f, const struct unit *to, atom_id id)
{
	const struct spot *place = &f->m->places[to - f->m->in->units][id];
	const char *name = atom_name(to->patched, id);
	int64_t addend = f->ref->addend - f->ref->bias;

	if (!name[0])
		addend += (int64_t)place->off;
	if (!place->sym || f->rela->sym != place->sym || f->rela->addend != addend)
		return differs(f, name[0] ? name : "its literal");
	return 0;
}

/*
 * The address that the proof read back from the shipped code for what the ref names, in the unit's
 * home; 0 where no proven function of the original showed it. Does not go through link.c, whose
 * answer it judges.
 */
static uint64_t proven_address(const struct unit *u, const struct ref *ref)
{
	const struct obj *o = u->orig->obj;
	atom_id orig = ref->to ? u->diff->pairing.to_orig[ref->to] : 0;
	const char *name;

	if (ref->to)
		return u->proof->atoms[orig].addr;
	name = u->patched->obj->syms[ref->sym].name;
	for (sym_id i = 1; i < o->n_syms; i++)
		if (!o->syms[i].sec && u->proof->sym_addr[i] && strcmp(o->syms[i].name, name) == 0)
			return u->proof->sym_addr[i];
	return 0;
}

/* What the kernel will resolve must be what the shipped code used. */
static bool agrees_with_proof(const struct field *f, const struct kernel_symbol *want)
{
	const struct unit *u = &f->m->in->units[f->u];
	uint64_t got = f->m->sl->syms[f->rela->sym].addr, proven = proven_address(u, f->ref);

	if (want->addr && got != want->addr)
		return false;
	/* What a module imports has an address of its own in the proof (kernel/ko.h). */
	return !proven || got == proven || (u->ko && !ko_section_at(u->ko, proven));
}

static int check_kernel(const struct field *f, const struct kernel_symbol *want)
{
	const struct sim_symbol *sym = &f->m->sl->syms[f->rela->sym];
	const char *got = f->m->sl->f->syms[f->rela->sym].name;
	_cleanup_(freep) char *name = NULL;
	char late[KLP_MODULE_MAX];

	if (want->kind == SYMBOL_EXPORT)
		name = strdup(want->name);
	else if (asprintf(&name, ".klp.sym.%s.%s,%u", want->object ? want->object : "vmlinux",
			  want->name, want->sympos) < 0)
		name = NULL;
	if (!name)
		return oak_fail(f->m->sl->err, OAK_E_NOMEM, "out of memory");
	simload_late(f->m->sl->f, f->rela->holder, late);
	if (sym->kind != (want->kind == SYMBOL_EXPORT ? SIM_EXPORT : SIM_KLP) ||
	    strcmp(got, name) != 0 || strcmp(late, want->late ? want->late : "") != 0 ||
	    f->rela->addend != f->ref->addend - f->ref->bias)
		return differs(f, name);
	if (!agrees_with_proof(f, want))
		return differs(f, "what the shipped code uses");
	return 0;
}

static int check_field(struct field *f, struct spot from)
{
	struct meaning *m = f->m;
	const struct unit *unit = &m->in->units[f->u];
	struct findings ignored = { 0 };
	struct kernel_symbol want;
	int r;

	from.off += f->ref->off;
	r = simload_take(m->sl, from, f->ref->type, &f->rela);
	if (r < 0)
		return r;
	if (link_of(unit->patched, &unit->diff->verdicts, f->ref) == LINK_MODULE)
		return check_level(f, unit, f->ref->to);
	r = link_resolve(&m->world, unit, f->ref, &want, &ignored, m->sl->err);
	free(ignored.v);
	if (r != 0)
		return r < 0 ? r : differs(f, "anything that the kernel has");
	return want.kind == SYMBOL_LEVEL ? check_level(f, want.unit, want.atom)
					 : check_kernel(f, &want);
}

int meaning_refs(struct meaning *m)
{
	for (size_t u = 0; u < m->in->n_units; u++) {
		const struct model *model = m->in->units[u].patched;

		for (uint32_t i = 0; i < model->n_refs; i++) {
			struct field f = { .m = m, .u = u, .ref = &model->refs[i] };
			struct spot from = m->places[u][f.ref->from];
			int r = from.sec ? check_field(&f, from) : 0;

			if (r < 0)
				return r;
		}
	}
	return 0;
}
