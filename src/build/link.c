/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/link.h"

#include <elf.h>
#include <string.h>

#define EXPORT_NAME_MAX 55 /* struct modversion_info holds 56 bytes with the NUL */

int link_sympos(const struct kimage *img, const char *name, uint64_t addr)
{
	const uint32_t *ids = NULL;
	size_t n = kimage_find(img, name, &ids);

	for (size_t i = 0; i < n; i++)
		if (kimage_sym(img, ids[i]).addr == addr)
			return n == 1 ? 0 : (int)i + 1;
	return -1;
}

/* What the proof read back for an undefined symbol of the same name; 0 for nothing. */
static uint64_t proven_symbol(const struct unit *u, const char *name)
{
	const struct obj *o = u->orig->obj;

	for (sym_id i = 1; i < o->n_syms; i++)
		if (!o->syms[i].sec && u->proof->sym_addr[i] && strcmp(o->syms[i].name, name) == 0)
			return u->proof->sym_addr[i];
	return 0;
}

static uint64_t proven_atom(const struct unit *u, atom_id orig)
{
	const struct proof_atom *p = &u->proof->atoms[orig];

	return p->status == PROOF_IDENTICAL || p->status == PROOF_NONE ? p->addr : 0;
}

static int refuse_unknown(const char *name, struct findings *f, struct oak_error *err)
{
	int r = finding_add(f, "unknown-symbol", name,
			    "use another function, or carry a copy of it in the fix", err,
			    "the running kernel has no symbol of this name");

	return r < 0 ? r : 1;
}

static int refuse_ambiguous(const char *name, size_t n, struct findings *f, struct oak_error *err)
{
	int r = finding_add(f, "ambiguous-symbol", name,
			    "refer to it from a function that already did", err,
			    "%zu symbols of the kernel have this name and the original code does not "
			    "show which is meant",
			    n);

	return r < 0 ? r : 1;
}

static int resolve_name(const struct kimage *img, const char *name, uint64_t addr, bool global,
			struct kernel_symbol *ret, struct findings *f, struct oak_error *err)
{
	const struct kexport *e = global ? kimage_export(img, name) : NULL;
	const uint32_t *ids = NULL;
	size_t n = kimage_find(img, name, &ids);
	int sympos;

	*ret = (struct kernel_symbol){ .name = name, .addr = addr };
	if (e && (!addr || e->addr == addr) && strlen(name) <= EXPORT_NAME_MAX) {
		ret->kind = SYMBOL_EXPORT;
		ret->export = e;
		ret->addr = e->addr;
		return 0;
	}
	ret->kind = SYMBOL_KLP;
	if (n == 0)
		return refuse_unknown(name, f, err);
	if (!addr && n > 1)
		return refuse_ambiguous(name, n, f, err);
	if (!addr)
		ret->addr = addr = kimage_sym(img, ids[0]).addr;
	sympos = link_sympos(img, name, addr);
	if (sympos < 0)
		return refuse_unknown(name, f, err);
	ret->sympos = (uint32_t)sympos;
	return 0;
}

static bool is_freed_after_boot(const struct kimage *img, uint64_t addr)
{
	const char *section = addr ? kimage_section_at(img, addr) : NULL;

	return section && (strncmp(section, ".init", 5) == 0 || strncmp(section, ".exit", 5) == 0);
}

int link_resolve(const struct unit *u, const struct kimage *img, const struct ref *ref,
		 struct kernel_symbol *ret, struct findings *f, struct oak_error *err)
{
	atom_id o = ref->to ? u->diff->pairing.to_orig[ref->to] : 0;
	const char *name;
	uint64_t addr;
	int r;

	if (o) {
		/* The name in the kernel is the original's: numbers may have shifted since. */
		name = atom_name(u->orig, o);
		addr = proven_atom(u, o);
		r = resolve_name(img, name, addr, atom_is_global(u->orig, o), ret, f, err);
	} else {
		name = u->patched->obj->syms[ref->sym].name;
		addr = proven_symbol(u, name);
		r = resolve_name(img, name, addr, true, ret, f, err);
	}
	if (r == 0 && is_freed_after_boot(img, ret->addr)) {
		r = finding_add(f, "init-reference", name, "do not use boot-time code or data", err,
				"patched code refers to memory that is freed after boot");
		return r < 0 ? r : 1;
	}
	return r;
}

static int check_proof(const struct unit *u, const struct kimage *img, atom_id id,
		       struct findings *f, struct oak_error *err)
{
	atom_id o = u->diff->pairing.to_orig[id];
	const struct proof_atom *p = &u->proof->atoms[o];
	const char *name = atom_name(u->orig, o);

	if (p->status != PROOF_IDENTICAL)
		return finding_add(f, "unproven", name,
				   "look at 'oakum-build prove'; use the compiler and source of the "
				   "distribution",
				   err, "the rebuilt original is not what was shipped (%s%s%s): %s",
				   proof_status_name(p->status), p->differs_why[0] ? ": " : "",
				   p->differs_why, proof_likely_cause(u->orig, u->proof, o));
	if (!kimage_ftrace_site_in(img, p->addr, 16))
		return finding_add(f, "no-fentry", name, "change its callers instead", err,
				   "the shipped kernel has no ftrace site at the function's entry");
	return 0;
}

static int check_refs(const struct unit *u, const struct kimage *img, atom_id id,
		      struct findings *f, struct oak_error *err)
{
	const struct atom *a = &u->patched->atoms[id];

	for (uint32_t i = 0; i < a->n_refs; i++) {
		const struct ref *ref = &u->patched->refs[a->first_ref + i];
		struct kernel_symbol s;
		int r;

		if (link_of(u->patched, &u->diff->verdicts, ref) != LINK_KERNEL)
			continue;
		r = link_resolve(u, img, ref, &s, f, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool already_refused(const struct findings *f, const char *symbol)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].symbol, symbol) == 0)
			return true;
	return false;
}

int link_check(const struct unit *u, const struct kimage *img, struct findings *f,
	       struct oak_error *err)
{
	int r = 0;

	for (atom_id i = 1; r == 0 && i < u->patched->n_atoms; i++) {
		if (!u->diff->closure.included[i])
			continue;
		/* What the objects alone already refused needs no second reason. */
		if (u->diff->verdicts.of[i] == VERDICT_CHANGED &&
		    !already_refused(&u->diff->findings, atom_name(u->patched, i)))
			r = check_proof(u, img, i, f, err);
		if (r == 0)
			r = check_refs(u, img, i, f, err);
	}
	return r;
}
