/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/link.h"

#include <elf.h>
#include <string.h>

#define EXPORT_NAME_MAX 55 /* struct modversion_info holds 56 bytes with the NUL */

/* One symbol to resolve, and where to put the answer. */
struct wanted {
	const struct link_world *w;
	const struct unit *u;
	const char *name;
	uint64_t addr; /* as the proof read it back, in the unit's home; 0: not seen */
	bool global;   /* an undefined symbol, or a global of the object itself */
	struct kernel_symbol *ret;
	struct findings *f;
	struct oak_error *err;
};

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

	if (p->status == PROOF_IDENTICAL || p->status == PROOF_NONE)
		return p->addr;
	/* What only is used need not be proven, if proven code uses it too. */
	return p->read_back;
}

static int refuse_unknown(const struct wanted *q)
{
	int r = finding_add(q->f, RULE_UNKNOWN_SYMBOL, q->name, NULL, q->err,
			    "%s has no symbol of this name",
			    q->u->module ? "neither the running kernel nor a module that this one "
					   "depends on"
					 : "the running kernel");

	return r < 0 ? r : 1;
}

static int refuse_ambiguous(const struct wanted *q, size_t n)
{
	int r = finding_add(q->f, RULE_AMBIGUOUS_SYMBOL, q->name, NULL, q->err,
			    "%zu symbols of the kernel have this name and the original code does not "
			    "show which is meant",
			    n);

	return r < 0 ? r : 1;
}

static bool is_freed_after_start(const struct shipped *home, uint64_t addr)
{
	const char *section = shipped_section_at(home, addr);

	return section && (strncmp(section, ".init", 5) == 0 || strncmp(section, ".exit", 5) == 0);
}

/* The livepatch symbol at @addr of @home; a name's position must be one that the kernel can count. */
static int take_klp(const struct wanted *q, const struct shipped *home, uint64_t addr)
{
	int sympos = shipped_sympos(home, q->name, addr), r;
	const uint32_t *ids = NULL;

	if (is_freed_after_start(home, addr)) {
		r = finding_add(q->f, RULE_INIT_REFERENCE, q->name, NULL, q->err,
				"patched code refers to memory that is freed after boot");
		return r < 0 ? r : 1;
	}
	if (sympos < 0)
		return refuse_ambiguous(q, shipped_find(home, q->name, &ids));
	q->ret->kind = SYMBOL_KLP;
	q->ret->addr = addr;
	q->ret->sympos = (uint32_t)sympos;
	return 0;
}

/* @addr of vmlinux, or 0 where nothing was read back. */
static int resolve_in_vmlinux(const struct wanted *q, uint64_t addr)
{
	const struct kimage *img = q->w->img;
	const struct kexport *e = q->global ? kimage_export(img, q->name) : NULL;
	const struct shipped home = shipped_image(img);
	const uint32_t *ids = NULL;
	size_t n = kimage_find(img, q->name, &ids);
	bool known;

	if (e && (!addr || e->addr == addr) && strlen(q->name) <= EXPORT_NAME_MAX) {
		q->ret->kind = SYMBOL_EXPORT;
		q->ret->export = e;
		q->ret->addr = e->addr;
		return 0;
	}
	if (n == 0 || (addr && !shipped_name_is_at(&home, q->name, addr, &known)))
		return refuse_unknown(q);
	if (!addr && n > 1)
		return refuse_ambiguous(q, n);
	return take_klp(q, &home, addr ? addr : kimage_sym(img, ids[0]).addr);
}

/* The definition that other objects of the same module, or other modules, would be linked to. */
static uint64_t global_of(const struct ko *ko, const char *name)
{
	const uint32_t *ids = NULL;

	for (size_t n = ko_find(ko, name, &ids); n; n--) {
		struct ko_sym s = ko_sym(ko, ids[n - 1]);

		if (s.defined && s.global)
			return s.addr;
	}
	return 0;
}

/* An address of the module's own, 0 where the symbol is not its own. Return: 0, 1, or a code. */
static int find_own(const struct wanted *q, uint64_t *ret)
{
	const struct ko *ko = q->u->ko;
	const uint32_t *ids = NULL;
	size_t n;

	*ret = 0;
	if (q->addr) {
		*ret = ko_section_at(ko, q->addr) ? q->addr : 0;
		return 0;
	}
	if (q->global) {
		*ret = global_of(ko, q->name);
		return 0;
	}
	n = ko_find(ko, q->name, &ids);
	if (n != 1)
		return n ? refuse_ambiguous(q, n) : refuse_unknown(q);
	*ret = ko_sym(ko, ids[0]).addr;
	return 0;
}

static int resolve_in_module(const struct wanted *q)
{
	const struct unit *u = q->u;
	struct shipped home = shipped_module(u->ko);
	uint64_t own;
	int r = find_own(q, &own);

	if (r != 0)
		return r;
	if (own) {
		q->ret->object = q->ret->late = u->module;
		return take_klp(q, &home, own);
	}
	for (size_t i = 0; i < u->n_deps && !kimage_export(q->w->img, q->name); i++) {
		home = shipped_module(u->deps[i]);
		if (!ko_exports(u->deps[i], q->name))
			continue;
		q->ret->object = ko_name(u->deps[i]);
		q->ret->late = u->module;
		return take_klp(q, &home, global_of(u->deps[i], q->name));
	}
	return resolve_in_vmlinux(q, 0);
}

/* Is the module @name there whenever this unit's code runs? */
static bool comes_before(const struct unit *u, const char *name)
{
	if (!name || (u->module && strcmp(u->module, name) == 0))
		return true;
	for (size_t i = 0; i < u->n_deps; i++)
		if (strcmp(ko_name(u->deps[i]), name) == 0)
			return true;
	return false;
}

/* A new global that another file of the level brings along. Return: 1 found, 0 none, or a code. */
static int find_in_level(const struct wanted *q)
{
	for (size_t i = 0; i < q->w->n_units; i++) {
		const struct unit *u = &q->w->units[i];

		for (atom_id a = 1; a < u->patched->n_atoms; a++) {
			if (u->diff->verdicts.of[a] != VERDICT_NEW ||
			    !u->diff->closure.included[a] || !atom_is_global(u->patched, a) ||
			    strcmp(atom_name(u->patched, a), q->name) != 0 ||
			    !comes_before(q->u, u->module))
				continue;
			q->ret->kind = SYMBOL_LEVEL;
			q->ret->unit = u;
			q->ret->atom = a;
			return true;
		}
	}
	return false;
}

int link_resolve(const struct link_world *w, const struct unit *u, const struct ref *ref,
		 struct kernel_symbol *ret, struct findings *f, struct oak_error *err)
{
	atom_id o = ref->to ? u->diff->pairing.to_orig[ref->to] : 0;
	struct wanted q = { .w = w, .u = u, .ret = ret, .f = f, .err = err };

	if (o) {
		/* The name in the kernel is the original's: numbers may have shifted since. */
		q.name = atom_name(u->orig, o);
		q.addr = proven_atom(u, o);
		q.global = atom_is_global(u->orig, o);
	} else {
		q.name = u->patched->obj->syms[ref->sym].name;
		q.addr = proven_symbol(u, q.name);
		q.global = true;
	}
	*ret = (struct kernel_symbol){ .name = q.name };
	if (!o && find_in_level(&q))
		return 0;
	return u->ko ? resolve_in_module(&q) : resolve_in_vmlinux(&q, q.addr);
}

/* Does [first, last) of the symbols that bound a range hold it? */
static bool lies_between(const struct shipped *home, const char *first, const char *last,
			 uint64_t addr)
{
	const uint32_t *lo = NULL, *hi = NULL;

	return shipped_find(home, first, &lo) == 1 && shipped_find(home, last, &hi) == 1 &&
	       addr >= shipped_addr(home, lo[0]) && addr < shipped_addr(home, hi[0]);
}

/* Functions of one object lie together: is each one of this name before or behind all of ours? */
static bool is_of_other_object(const struct unit *u, const char *name)
{
	uint64_t lo = UINT64_MAX, hi = 0;
	const uint32_t *ids = NULL;
	size_t n = shipped_find(&u->home, name, &ids);

	for (atom_id i = 1; i < u->orig->n_atoms; i++) {
		const struct proof_atom *p = &u->proof->atoms[i];

		if (p->status != PROOF_IDENTICAL ||
		    strncmp(atom_section(u->orig, i), ".text.", strlen(".text.")) != 0)
			continue;
		lo = p->addr < lo ? p->addr : lo;
		hi = p->addr > hi ? p->addr : hi;
	}
	for (size_t i = 0; i < n; i++)
		if (shipped_addr(&u->home, ids[i]) > lo && shipped_addr(&u->home, ids[i]) < hi)
			return false;
	return n > 0;
}

static int refuse_unproven(const struct unit *u, atom_id orig, struct findings *f,
			   struct oak_error *err)
{
	const struct proof_atom *p = &u->proof->atoms[orig];
	const char *name = atom_name(u->orig, orig);

	if (p->status == PROOF_DIFFERS &&
	    u->orig->obj->syms[u->orig->atoms[orig].sym].bind == STB_WEAK &&
	    is_of_other_object(u, name))
		return finding_add(f, RULE_WEAK_LOSER, name, NULL, err,
				   "the function is a weak default, and the shipped kernel has the "
				   "definition of another file at this name (%s): what the fix "
				   "changes is not part of the kernel",
				   p->differs_why);
	return finding_add(f, RULE_UNPROVEN, name, NULL, err,
			   "the rebuilt original is not what was shipped (%s%s%s): %s",
			   proof_status_name(p->status), p->differs_why[0] ? ": " : "",
			   p->differs_why, proof_likely_cause(u->orig, u->proof, orig));
}

/* Of a function that changed or that is replaced. */
static int check_proof(const struct unit *u, atom_id id, struct findings *f, struct oak_error *err)
{
	atom_id o = u->diff->pairing.to_orig[id];
	const struct proof_atom *p = &u->proof->atoms[o];
	const char *name = atom_name(u->orig, o);

	if (p->status != PROOF_IDENTICAL)
		return refuse_unproven(u, o, f, err);
	if (!diff_replaces(u->diff, id))
		return 0; /* only its code is carried */
	if (!shipped_ftrace_site_in(&u->home, p->addr, 16))
		return finding_add(f,
				   lies_between(&u->home, "__noinstr_text_start",
						"__noinstr_text_end", p->addr)
					   ? RULE_NOINSTR
					   : RULE_NO_FENTRY,
				   name, NULL, err,
				   "the shipped kernel has no ftrace site at the function's entry");
	if (shipped_sympos(&u->home, name, p->addr) < 0)
		return finding_add(f, RULE_AMBIGUOUS_SYMBOL, name, "change its callers instead",
				   err,
				   "the kernel counts symbols of this name differently while the "
				   "module is loading");
	return 0;
}

static int check_refs(const struct link_world *w, const struct unit *u, atom_id id,
		      struct findings *f, struct oak_error *err)
{
	const struct atom *a = &u->patched->atoms[id];
	bool omitted;
	int r = link_omits(w, u, id, &omitted, err);

	for (uint32_t i = 0; r >= 0 && !omitted && i < a->n_refs; i++) {
		const struct ref *ref = &u->patched->refs[a->first_ref + i];
		struct kernel_symbol s;

		if (link_of(u->patched, &u->diff->verdicts, ref) != LINK_KERNEL)
			continue;
		r = link_resolve(w, u, ref, &s, f, err);
		if (r == 0 && s.late)
			r = link_check_late(w, u, ref, &s, f, err);
	}
	return r < 0 ? r : 0;
}

/* What an author may accept does not count. */
static bool already_refused(const struct findings *f, const char *symbol)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i].rule->risk && strcmp(f->v[i].symbol, symbol) == 0)
			return true;
	return false;
}

static bool needs_proof(const struct unit *u, atom_id id)
{
	return u->patched->atoms[id].kind == ATOM_CODE &&
	       (diff_replaces(u->diff, id) || u->diff->verdicts.of[id] == VERDICT_CHANGED);
}

/* Boot code of this object that refers to a new variable of another one. */
static int check_boot(const struct link_world *w, const struct unit *u, struct findings *f,
		      struct oak_error *err)
{
	const struct model *m = u->patched;
	int r = 0;

	for (uint32_t i = 0; r == 0 && w->n_units > 1 && i < m->n_refs; i++) {
		const struct ref *ref = &m->refs[i];
		struct kernel_symbol s = { .unit = NULL };
		const struct wanted q = {
			.w = w, .u = u, .name = m->obj->syms[ref->sym].name, .ret = &s
		};

		if (ref->to || !atom_is_boot_only(m, ref->from) || !find_in_level(&q) ||
		    !atom_is_writable(s.unit->patched, s.atom))
			continue;
		r = boot_finding(f, q.name, m, ref->from, err);
	}
	return r;
}

int link_check(const struct link_world *w, const struct unit *u, struct findings *f,
	       struct oak_error *err)
{
	int r = check_boot(w, u, f, err);

	for (atom_id i = 1; r == 0 && i < u->patched->n_atoms; i++) {
		if (!u->diff->closure.included[i])
			continue;
		/* What the objects alone already refused needs no second reason. */
		if (needs_proof(u, i) &&
		    !already_refused(&u->diff->findings, atom_name(u->patched, i)))
			r = check_proof(u, i, f, err);
		if (r == 0)
			r = check_refs(w, u, i, f, err);
	}
	return r;
}
