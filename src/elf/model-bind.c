/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/model-build.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* Refs come in section order and ascending, so those of one atom lie together. */
static void bind_ref(struct builder *b, uint32_t i, sec_id sec)
{
	struct model *m = b->m;
	struct ref *ref = &m->refs[i];
	const struct target *t = &b->targets[i];
	struct atom *from;

	ref->from = model_atom_at(m, sec, ref->off);
	from = &m->atoms[ref->from];
	ref->off -= from->off;
	if (from->n_refs++ == 0)
		from->first_ref = i;
	ref->to = t->sec ? model_atom_at(m, t->sec, t->base < 0 ? 0 : (uint64_t)t->base) : 0;
	if (!ref->to)
		return;
	ref->addend = t->off - (int64_t)m->atoms[ref->to].off;
}

static void bind_refs(struct builder *b)
{
	const struct obj *o = b->m->obj;
	uint32_t i = 0;

	for (sec_id id = 1; id < o->n_secs; id++) {
		const struct obj_sec *s = &o->secs[id];

		if (!sec_is_modelled(s))
			continue;
		for (uint32_t k = 0; k < s->n_rels; k++)
			bind_ref(b, i++, id);
	}
}

/* The function that a piece of code is or belongs to; 0 for none. */
static atom_id root_of(const struct model *m, atom_id id)
{
	const struct atom *a = &m->atoms[id];

	if (a->kind == ATOM_CODE)
		return id;
	return a->kind == ATOM_PART ? a->owner : 0;
}

/* "foo.cold" and "foo.cold.3" belong to "foo". */
static void own_cold_parts(struct model *m)
{
	for (atom_id i = 1; i < m->n_atoms; i++) {
		struct atom *a = &m->atoms[i];
		const char *name = atom_name(m, i), *dot = strstr(name, ".cold");
		char parent[512];

		if (a->kind != ATOM_PART || !dot || (size_t)(dot - name) >= sizeof(parent))
			continue;
		memcpy(parent, name, (size_t)(dot - name));
		parent[dot - name] = '\0';
		a->owner = model_find_function(m, parent);
	}
}

static bool is_nops(const uint8_t *code, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++)
		if (code[i] != 0x90)
			return false;
	return len != 0;
}

/*
 * What stands before a function and is found by its address: room for the kernel to patch calls
 * in (CONFIG_CALL_PADDING), named by objtool or not, and the type's hash of clang (kCFI). Taken
 * for its own only where a copy stays next to it, with functions aligned to 16.
 */
static void own_prefixes(struct model *m)
{
	for (atom_id i = 1; i + 1 < m->n_atoms; i++) {
		struct atom *a = &m->atoms[i], *f = &m->atoms[i + 1];
		const uint8_t *code = atom_bytes(m, i);

		if (f->kind != ATOM_CODE || f->sec != a->sec || a->size % 16 || !code)
			continue;
		if (a->kind == ATOM_MISC && a->off == 0 && is_nops(code, a->size))
			a->kind = ATOM_PART;
		if (a->kind == ATOM_PART && !strstr(atom_name(m, i), ".cold"))
			a->owner = i + 1;
	}
}

/* .altinstr_aux: whoever jumps there. */
static void own_aux_parts(struct model *m)
{
	for (uint32_t i = 0; i < m->n_refs; i++) {
		struct atom *to = &m->atoms[m->refs[i].to];

		if (to->kind == ATOM_PART && !to->owner && m->refs[i].use == USE_JUMP)
			to->owner = root_of(m, m->refs[i].from);
	}
}

static void own_entries(struct model *m)
{
	for (atom_id i = 1; i < m->n_atoms; i++) {
		struct atom *a = &m->atoms[i];

		if (a->kind != ATOM_ENTRY || !a->n_refs)
			continue;
		a->owner = root_of(m, m->refs[a->first_ref].to);
		/* The replacement of an alternative belongs to whom it replaces. */
		for (uint32_t k = 1; k < a->n_refs; k++) {
			struct atom *to = &m->atoms[m->refs[a->first_ref + k].to];

			if (to->kind == ATOM_PART && !to->owner)
				to->owner = a->owner;
		}
	}
}

static void own_companions(struct model *m)
{
	const struct obj *o = m->obj;

	for (sec_id id = 1; id < o->n_secs; id++) {
		const struct special *sp = special_find(o->secs[id].name);
		atom_id first = m->sec_first[id], n = m->sec_first[id + 1] - first;

		if (!sp || !sp->companion || !n)
			continue;
		for (sec_id c = 1; c < o->n_secs; c++) {
			if (strcmp(o->secs[c].name, sp->companion) != 0)
				continue;
			for (atom_id k = 0; k < n && k < m->sec_first[c + 1] - m->sec_first[c]; k++)
				m->atoms[first + k].owner = m->atoms[m->sec_first[c] + k].owner;
		}
	}
}

/* Counting sort of entries and parts by owner; stable, so section order is kept. */
static int index_entries(struct builder *b)
{
	struct model *m = b->m;
	uint32_t next = 0;

	for (atom_id i = 1; i < m->n_atoms; i++) {
		if (m->atoms[i].owner) {
			m->atoms[m->atoms[i].owner].n_entries++;
			m->n_entries++;
		}
	}
	m->entries = calloc(m->n_entries + 1u, sizeof(*m->entries));
	if (!m->entries)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < m->n_atoms; i++) {
		m->atoms[i].first_entry = next;
		next += m->atoms[i].n_entries;
		m->atoms[i].n_entries = 0;
	}
	for (atom_id i = 1; i < m->n_atoms; i++) {
		struct atom *owner = &m->atoms[m->atoms[i].owner];

		if (m->atoms[i].owner)
			m->entries[owner->first_entry + owner->n_entries++] = i;
	}
	return 0;
}

int builder_bind(struct builder *b)
{
	bind_refs(b);
	own_cold_parts(b->m);
	own_prefixes(b->m);
	own_aux_parts(b->m);
	own_entries(b->m);
	own_companions(b->m);
	return index_entries(b);
}
