/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selfcheck-places: where each atom of the fix is in the module.
 *
 * The rule of places says where to look (emit_rule); what is found there is believed only if symbol,
 * size and bytes are the atom's, and if all atoms and structures together cover each section without
 * a gap or an overlap (selfcheck.c).
 */
#include "build/selfcheck-meaning.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct finder {
	struct meaning *m;
	uint64_t *end;          /* by section: where the next atom may begin */
	uint32_t *section_syms; /* by section: its own symbol; 0: none */
	uint32_t next_sym;      /* named atoms come in the order of their symbols */
};

static int misplaced(const struct finder *f, const char *name, const char *why)
{
	return oak_fail(f->m->sl->err, OAK_E_FAILED, "%s %s", name[0] ? name : "a literal", why);
}

/* Each section has at most one symbol of its own, so a field can name it in one way only. */
static int index_section_symbols(struct finder *f)
{
	const struct modfile *file = f->m->sl->f;

	for (uint32_t i = 1; i < file->n_syms; i++) {
		const struct mod_sym *s = &file->syms[i];

		if (s->type != STT_SECTION)
			continue;
		if (!s->sec || s->value || f->section_syms[s->sec])
			return oak_fail(f->m->sl->err, OAK_E_FAILED,
					"a section has two symbols, or one of another place");
		f->section_syms[s->sec] = i;
	}
	return 0;
}

static bool is_symbol_of(const struct mod_sym *s, const struct model *m, atom_id id,
			 const struct spot *at)
{
	const struct atom *a = &m->atoms[id];

	return s->sec == at->sec && s->value == at->off && s->bind == STB_LOCAL &&
	       s->type != STT_SECTION && strcmp(s->name, atom_name(m, id)) == 0 &&
	       s->size == (a->sym ? m->obj->syms[a->sym].size : 0);
}

static int find_symbol(struct finder *f, const struct model *m, atom_id id, struct spot *at)
{
	const struct modfile *file = f->m->sl->f;
	const char *name = atom_name(m, id);

	if (!name[0]) {
		/* 0 where no field leads to any unnamed part of it: then none needs it. */
		at->sym = f->section_syms[at->sec];
		return 0;
	}
	while (f->next_sym < file->n_syms && !is_symbol_of(&file->syms[f->next_sym], m, id, at))
		f->next_sym++;
	if (f->next_sym >= file->n_syms)
		return misplaced(f, name, "has no symbol where it should be");
	at->sym = f->next_sym++;
	return 0;
}

/* The atom's bytes, with zeros where fields are filled in. */
static bool same_bytes(const struct model *m, atom_id id, const uint8_t *got)
{
	const struct atom *a = &m->atoms[id];
	const uint8_t *want = atom_bytes(m, id);
	uint64_t pos = 0;

	if (!got || !want)
		return !got == !want;
	for (uint32_t i = 0; i <= a->n_refs; i++) {
		const struct ref *ref = i < a->n_refs ? &m->refs[a->first_ref + i] : NULL;
		uint64_t end = ref ? ref->off : a->size;
		uint64_t next = ref ? end + arch_rel_width(ref->type) : end;

		if (end < pos || next > a->size || memcmp(got + pos, want + pos, end - pos) != 0)
			return false;
		for (pos = end; pos < next; pos++)
			if (got[pos])
				return false;
	}
	return true;
}

/* What the instructions and the compiler count on. */
static bool keeps_alignment(const struct model *m, atom_id id, uint64_t off)
{
	const struct atom *a = &m->atoms[id];
	uint64_t align = m->obj->secs[a->sec].align;

	while (align > 1 && a->off % align)
		align /= 2;
	return a->kind == ATOM_STRING || a->kind == ATOM_ENTRY || align < 2 || off % align == 0;
}

static int find_atom(struct finder *f, const struct model *m, atom_id id, struct spot *ret)
{
	const struct modfile *file = f->m->sl->f;
	const struct atom *a = &m->atoms[id];
	const struct mod_sec *s;
	const char *section;
	uint64_t align;
	int r;

	emit_rule(m, id, &section, &align);
	*ret = (struct spot){ .sec = modfile_section(file, section) };
	s = &file->secs[ret->sec];
	if (!ret->sec || align == 0)
		return misplaced(f, atom_name(m, id), "has no section");
	ret->off = (f->end[ret->sec] + align - 1) / align * align;
	if (ret->off > s->size || a->size > s->size - ret->off || s->align % align)
		return misplaced(f, atom_name(m, id), "does not fit where it should be");
	if (!same_bytes(m, id, s->data ? s->data + ret->off : NULL) ||
	    sec_is_code(&m->obj->secs[a->sec]) != !!(s->flags & SHF_EXECINSTR))
		return misplaced(f, atom_name(m, id), "is not what was compiled");
	if (!keeps_alignment(m, id, ret->off))
		return misplaced(f, atom_name(m, id), "is aligned less than in its object");
	f->end[ret->sec] = ret->off + a->size;
	r = find_symbol(f, m, id, ret);
	return r < 0 ? r
		     : simload_claim(f->m->sl,
				     &(struct claim){ *ret, a->size, align, atom_name(m, id) });
}

static int find_unit(struct finder *f, size_t u)
{
	struct meaning *m = f->m;
	const struct unit *unit = &m->in->units[u];

	m->places[u] = calloc(unit->patched->n_atoms, sizeof(**m->places));
	if (!m->places[u])
		return oak_fail(m->sl->err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < unit->patched->n_atoms; i++) {
		bool omitted = true;
		int r = 0;

		if (unit->diff->closure.included[i])
			r = link_omits(&m->world, unit, i, &omitted, m->sl->err);
		if (r == 0 && !omitted)
			r = find_atom(f, unit->patched, i, &m->places[u][i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int meaning_places(struct meaning *m)
{
	_cleanup_(freep) uint64_t *end = calloc(m->sl->f->n_secs, sizeof(*end));
	_cleanup_(freep) uint32_t *section_syms = calloc(m->sl->f->n_secs, sizeof(*section_syms));
	struct finder f = { .m = m, .end = end, .section_syms = section_syms, .next_sym = 1 };
	int r;

	m->places = calloc(m->in->n_units, sizeof(*m->places));
	if (!m->places || !end || !section_syms)
		return oak_fail(m->sl->err, OAK_E_NOMEM, "out of memory");
	r = index_section_symbols(&f);
	for (size_t u = 0; r == 0 && u < m->in->n_units; u++)
		r = find_unit(&f, u);
	return r;
}

void meaning_free_places(struct meaning *m)
{
	for (size_t u = 0; m->places && u < m->in->n_units; u++)
		free(m->places[u]);
	free(m->places);
}
