/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/emit-priv.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define CODE_ALIGN 16

/* One output section a kind: the loader wants one of each name, and a plain ".text" to exist. */
static const struct out_kind {
	const char *name;
	uint32_t type;
	uint64_t flags;
} out_kinds[] = {
	{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR },
	{ ".rodata", SHT_PROGBITS, SHF_ALLOC },
	{ ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE },
	{ ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE },
};

static bool keeps_section(const struct model *m, atom_id id)
{
	const char *s = atom_section(m, id);

	return m->atoms[id].kind == ATOM_ENTRY || strcmp(s, ".altinstr_replacement") == 0 ||
	       strcmp(s, "__dyndbg") == 0;
}

static struct out_kind kind_of(const struct model *m, atom_id id)
{
	const struct obj_sec *s = &m->obj->secs[m->atoms[id].sec];

	if (keeps_section(m, id))
		return (struct out_kind){ s->name, s->type,
					  s->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR) };
	if (sec_is_code(s))
		return out_kinds[0];
	if (!(s->flags & SHF_WRITE))
		return out_kinds[1];
	return out_kinds[s->type == SHT_NOBITS ? 3 : 2];
}

static uint64_t align_of(const struct model *m, atom_id id)
{
	const struct atom *a = &m->atoms[id];
	uint64_t align = m->obj->secs[a->sec].align ? m->obj->secs[a->sec].align : 1;

	if (a->kind == ATOM_CODE && align < CODE_ALIGN)
		return CODE_ALIGN;
	if (a->kind == ATOM_STRING)
		return 1;
	/* Entries are read as arrays of structures, whatever the assembler was told. */
	for (uint64_t n = 8; a->kind == ATOM_ENTRY && n > align; n /= 2)
		if (a->size % n == 0)
			align = n;
	/* Inside a section an atom is aligned as far as its offset is. */
	while (a->kind != ATOM_ENTRY && align > 1 && a->off % align)
		align /= 2;
	return align;
}

void emit_rule(const struct model *m, atom_id id, const char **ret_section, uint64_t *ret_align)
{
	*ret_section = kind_of(m, id).name;
	*ret_align = align_of(m, id);
}

int emit_section_symbol(struct emitter *e, out_sec sec, out_sym *ret)
{
	const struct out_symbol sym = {
		.name = "", .sec = sec, .bind = STB_LOCAL, .type = STT_SECTION
	};
	int r;

	if (sec >= e->n_sec_syms) {
		out_sym *v = reallocarray(e->sec_syms, sec + 1u, sizeof(*v));

		if (!v)
			return emit_no_memory(e);
		e->sec_syms = v;
		for (size_t i = e->n_sec_syms; i <= sec; i++)
			v[i] = OUT_NONE;
		e->n_sec_syms = sec + 1u;
	}
	if (e->sec_syms[sec] == OUT_NONE) {
		r = elf_writer_symbol(e->w, &sym, &e->sec_syms[sec], e->err);
		if (r < 0)
			return r;
	}
	*ret = e->sec_syms[sec];
	return 0;
}

/* The loader adds to what it finds and refuses fields that are not zero: so all are. */
static void clear_fields(const struct model *m, atom_id id, uint8_t *bytes)
{
	const struct atom *a = &m->atoms[id];

	for (uint32_t i = 0; i < a->n_refs; i++) {
		const struct ref *ref = &m->refs[a->first_ref + i];

		memset(bytes + ref->off, 0, arch_rel_width(ref->type));
	}
}

static int copy_bytes(struct emitter *e, const struct model *m, atom_id id, struct place *p,
		      uint64_t align)
{
	struct buf *data = elf_writer_data(e->w, p->sec);
	const struct atom *a = &m->atoms[id];
	const uint8_t *bytes = atom_bytes(m, id);

	if (buf_align(data, align) < 0)
		return emit_no_memory(e);
	p->off = data->len;
	if ((bytes ? buf_add(data, bytes, a->size) : buf_add_zero(data, a->size)) < 0)
		return emit_no_memory(e);
	if (bytes)
		clear_fields(m, id, data->data + p->off);
	return 0;
}

static int name_place(struct emitter *e, const struct model *m, atom_id id, struct place *p)
{
	const struct atom *a = &m->atoms[id];
	/* Global in the object, local in the module: other objects must not bind to the copy. */
	const struct out_symbol sym = {
		.name = atom_name(m, id),
		.sec = p->sec,
		.value = p->off,
		.size = a->sym ? m->obj->syms[a->sym].size : 0,
		.bind = STB_LOCAL,
		.type = sec_is_code(&m->obj->secs[a->sec]) ? STT_FUNC : STT_OBJECT,
	};

	if (sym.name[0])
		return elf_writer_symbol(e->w, &sym, &p->sym, e->err);
	p->by_section = true;
	return emit_section_symbol(e, p->sec, &p->sym);
}

static int place_atom(struct emitter *e, const struct model *m, atom_id id, struct place *p)
{
	struct out_kind kind = kind_of(m, id);
	uint64_t align = align_of(m, id);
	int r = elf_writer_section(e->w, kind.name, kind.type, kind.flags, align, &p->sec, e->err);

	if (r == 0)
		r = copy_bytes(e, m, id, p, align);
	return r < 0 ? r : name_place(e, m, id, p);
}

static int place_unit(struct emitter *e, size_t u)
{
	const struct unit *unit = &e->in->units[u];
	struct place *places = calloc(unit->patched->n_atoms, sizeof(*places));

	e->places[u] = places;
	if (!places)
		return emit_no_memory(e);
	for (atom_id i = 0; i < unit->patched->n_atoms; i++) {
		bool omit = true;
		int r = 0;

		places[i].sec = OUT_NONE;
		if (unit->diff->closure.included[i])
			r = link_omits(&e->world, unit, i, &omit, e->err);
		if (r == 0 && !omit)
			r = place_atom(e, unit->patched, i, &places[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int emit_place(struct emitter *e)
{
	int r = 0;

	e->places = calloc(e->in->n_units, sizeof(*e->places));
	if (!e->places)
		return emit_no_memory(e);
	for (size_t u = 0; r == 0 && u < e->in->n_units; u++)
		r = place_unit(e, u);
	return r;
}
