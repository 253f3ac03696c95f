/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit-refs: relocations, and the symbols of the kernel that they name. */
#include "build/emit-priv.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SHF_RELA_LIVEPATCH
#define SHF_RELA_LIVEPATCH 0x00100000 /* include/uapi/linux/elf.h */
#endif
#ifndef SHN_LIVEPATCH
#define SHN_LIVEPATCH 0xff20
#endif

/* Takes over @name. */
static int add_import(struct emitter *e, char *name, const struct kexport *export, out_sym *ret)
{
	struct out_symbol sym = { .name = name,
				  .sec = OUT_NONE,
				  .shndx = export ? SHN_UNDEF : SHN_LIVEPATCH,
				  .bind = STB_GLOBAL,
				  .type = STT_NOTYPE };
	struct import *v;
	int r;

	for (size_t i = 0; i < e->n_imports; i++) {
		if (strcmp(e->imports[i].name, name) == 0) {
			*ret = e->imports[i].sym;
			free(name);
			return 0;
		}
	}
	v = reallocarray(e->imports, e->n_imports + 1, sizeof(*v));
	if (!v) {
		free(name);
		return emit_no_memory(e);
	}
	e->imports = v;
	v[e->n_imports++] = (struct import){ .name = name, .export = export };
	r = elf_writer_symbol(e->w, &sym, &v[e->n_imports - 1].sym, e->err);
	*ret = v[e->n_imports - 1].sym;
	return r;
}

int emit_import_export(struct emitter *e, const char *name, out_sym *ret)
{
	const struct kexport *export = kimage_export(e->in->img, name);
	char *copy = strdup(name);

	if (!copy)
		return emit_no_memory(e);
	if (!export) {
		free(copy);
		return oak_fail(e->err, OAK_E_UNSUPPORTED,
				"this kernel does not export %s: it cannot be live patched", name);
	}
	return add_import(e, copy, export, ret);
}

static int import_klp(struct emitter *e, const struct kernel_symbol *s, out_sym *ret)
{
	char *name = NULL;

	if (asprintf(&name, ".klp.sym.%s.%s,%u", s->object ? s->object : "vmlinux", s->name,
		     s->sympos) < 0)
		return emit_no_memory(e);
	return add_import(e, name, NULL, ret);
}

/* The relocation goes where the kernel resolves it; what it resolves late is remembered. */
static int write_klp_rela(struct emitter *e, struct out_rela *rela, const char *late)
{
	struct target *t = late ? emit_target(e, late) : NULL;
	struct late_field *v;

	rela->prefix = t ? t->prefix : ".klp.rela.vmlinux.";
	rela->flags = SHF_ALLOC | SHF_RELA_LIVEPATCH;
	if (t) {
		v = reallocarray(t->late, t->n_late + 1, sizeof(*v));
		if (!v)
			return emit_no_memory(e);
		t->late = v;
		v[t->n_late++] = (struct late_field){ .sec = rela->sec,
						      .off = rela->off,
						      .width = arch_rel_width(rela->type) };
	}
	return elf_writer_rela(e->w, rela, e->err);
}

static int write_kernel_rela(struct emitter *e, struct out_rela *rela, const struct kernel_symbol *s)
{
	int r;

	if (s->kind == SYMBOL_EXPORT) {
		r = emit_import_export(e, s->name, &rela->sym);
		return r < 0 ? r : elf_writer_rela(e->w, rela, e->err);
	}
	r = import_klp(e, s, &rela->sym);
	return r < 0 ? r : write_klp_rela(e, rela, s->late);
}

static int write_level_rela(struct emitter *e, struct out_rela *rela, const struct place *to)
{
	rela->sym = to->sym;
	rela->addend += to->by_section ? (int64_t)to->off : 0;
	return elf_writer_rela(e->w, rela, e->err);
}

int emit_kernel_word(struct emitter *e, const struct out_rela *field, const char *name)
{
	struct kernel_symbol s = { .kind = SYMBOL_KLP, .name = name };
	struct out_rela rela = *field;
	const uint32_t *ids = NULL;

	if (kimage_export(e->in->img, name))
		s.kind = SYMBOL_EXPORT;
	else if (kimage_find(e->in->img, name, &ids) != 1)
		return oak_fail(e->err, OAK_E_UNSUPPORTED,
				"this kernel has no symbol %s: patched modules could not be "
				"loaded a second time",
				name);
	return write_kernel_rela(e, &rela, &s);
}

static int emit_ref(struct emitter *e, size_t u, const struct ref *ref)
{
	const struct unit *unit = &e->in->units[u];
	const struct place *from = &e->places[u][ref->from];
	struct out_rela rela = { .sec = from->sec,
				 .off = from->off + ref->off,
				 .type = ref->type,
				 .addend = ref->addend - ref->bias };
	struct findings f = { 0 };
	struct kernel_symbol s;
	int r;

	if (link_of(unit->patched, &unit->diff->verdicts, ref) == LINK_MODULE)
		return write_level_rela(e, &rela, &e->places[u][ref->to]);
	r = link_resolve(&e->world, unit, ref, &s, &f, e->err);
	free(f.v);
	if (r > 0)
		return oak_fail(e->err, OAK_E_REFUSED, "a symbol of %s cannot be resolved",
				unit->object);
	if (r < 0)
		return r;
	if (s.kind == SYMBOL_LEVEL)
		return write_level_rela(e, &rela, &e->places[s.unit - e->in->units][s.atom]);
	return write_kernel_rela(e, &rela, &s);
}

int emit_refs(struct emitter *e)
{
	for (size_t u = 0; u < e->in->n_units; u++) {
		const struct model *m = e->in->units[u].patched;

		for (uint32_t i = 0; i < m->n_refs; i++) {
			int r = 0;

			if (e->places[u][m->refs[i].from].sec != OUT_NONE)
				r = emit_ref(e, u, &m->refs[i]);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
