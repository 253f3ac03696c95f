/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/model-build.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/*
 * Each of these marks, in b->cut, the offsets at which atoms of one section begin. Offset 0
 * always begins one.
 */

static bool is_zero(const uint8_t *data, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++)
		if (data[i])
			return false;
	return true;
}

static int cut_special(struct builder *b, const struct obj_sec *s, const struct special *sp)
{
	uint32_t size = special_size_given(b->sizes, s->name);
	const struct special_shape *shape = special_shape_sized(sp, size, b->m->obj, s);
	const struct special_shape *inferred = special_shape_of(sp, b->m->obj, s);
	uint64_t rest;

	if (size && (!shape || (inferred && inferred->size != size)))
		return oak_fail(b->err, OAK_E_FORMAT,
				"section %s: %lu bytes with %u relocations are no entries of %u "
				"bytes, as the kernel has them: compile it as that kernel was",
				s->name, (unsigned long)s->size, s->n_rels, size);
	if (!shape || !s->data)
		return oak_fail(b->err, OAK_E_UNSUPPORTED,
				"section %s: %lu bytes with %u relocations are entries of no shape "
				"known of kernels 3.10 to 6.12",
				s->name, (unsigned long)s->size, s->n_rels);
	for (uint64_t off = 0; off < s->size; off += shape->size)
		b->cut[off] = true;
	/* Padding becomes an entry of nobody, unless it is the shorter last one. */
	rest = s->size % shape->size;
	if (rest && !(sp->tail_min && rest >= sp->tail_min) &&
	    !is_zero(s->data + s->size - rest, rest))
		return oak_fail(b->err, OAK_E_UNSUPPORTED,
				"section %s: the last entry is not whole", s->name);
	return 0;
}

static const struct obj_sec *find_section(const struct obj *o, const char *name)
{
	for (sec_id i = 1; i < o->n_secs; i++)
		if (strcmp(o->secs[i].name, name) == 0)
			return &o->secs[i];
	return NULL;
}

static int cut_companion(struct builder *b, const struct obj_sec *s, const struct special *sp)
{
	const struct obj_sec *c = find_section(b->m->obj, sp->companion);
	uint64_t n = c ? c->n_rels : 0; /* one an entry */
	uint32_t size = special_size_given(b->sizes, s->name);

	if (n == 0 || s->size % n)
		return oak_fail(b->err, OAK_E_UNSUPPORTED,
				"section %s: does not match %s entry by entry", s->name,
				sp->companion);
	if (size && s->size / n != size)
		return oak_fail(b->err, OAK_E_FORMAT,
				"section %s: entries of %lu bytes, but the kernel has them of %u: "
				"compile it as that kernel was",
				s->name, (unsigned long)(s->size / n), size);
	for (uint64_t off = 0; off < s->size; off += s->size / n)
		b->cut[off] = true;
	return 0;
}

static void cut_strings(struct builder *b, const struct obj_sec *s)
{
	for (uint64_t i = 0; i + 1 < s->size; i++)
		if (s->data[i] == 0)
			b->cut[i + 1] = true;
}

static void cut_equal(struct builder *b, const struct obj_sec *s)
{
	for (uint64_t off = 0; off < s->size; off += s->entsize)
		b->cut[off] = true;
}

static void cut_at_targets(struct builder *b, sec_id id, const struct obj_sec *s)
{
	for (uint32_t i = 0; i < b->m->n_refs; i++) {
		const struct target *t = &b->targets[i];
		int64_t off = arch_target_off(t->off);

		if (t->sec == id && off >= 0 && (uint64_t)off < s->size)
			b->cut[off] = true;
	}
}

/* linux/btf_ids.h: lists are labels, and their typed symbols name what each number stands for. */
static bool sym_names_ids(const struct obj_sym *sym)
{
	return sym->type == STT_NOTYPE && strncmp(sym->name, "__BTF_ID__", 10) != 0;
}

static bool sym_names_atom(const struct obj *o, const struct obj_sym *sym)
{
	if (!sym->name[0])
		return false;
	if (sym->type == STT_NOTYPE && strcmp(o->secs[sym->sec].name, ".export_symbol") == 0)
		return true; /* linux/export.h since 6.4 */
	if (strcmp(o->secs[sym->sec].name, ".BTF_ids") == 0)
		return sym_names_ids(sym);
	return sym->type == STT_FUNC || sym->type == STT_OBJECT;
}

static void cut_at_symbols(struct builder *b, sec_id id, const struct obj_sec *s)
{
	const struct obj *o = b->m->obj;

	for (uint32_t i = b->sec_syms[id]; i < b->sec_syms[id + 1]; i++) {
		const struct obj_sym *sym = &o->syms[b->syms[i]];

		if (sym_names_atom(o, sym) && sym->value < s->size)
			b->cut[sym->value] = true;
	}
}

static bool sec_is_parts(const struct obj_sec *s)
{
	return strcmp(s->name, ".altinstr_replacement") == 0 ||
	       strcmp(s->name, ".altinstr_aux") == 0 || strcmp(s->name, ".fixup") == 0;
}

static int mark_cuts(struct builder *b, sec_id id, const struct obj_sec *s, const struct special *sp)
{
	memset(b->cut, 0, s->size + 1);
	b->cut[0] = true;
	if (sp && s->size)
		return sp->companion ? cut_companion(b, s, sp) : cut_special(b, s, sp);
	if (s->data && (s->flags & SHF_MERGE) && (s->flags & SHF_STRINGS) && s->entsize == 1)
		cut_strings(b, s);
	else if (s->data && (s->flags & SHF_MERGE) && s->entsize)
		cut_equal(b, s);
	else if (sec_is_parts(s))
		cut_at_targets(b, id, s);
	else
		cut_at_symbols(b, id, s);
	return 0;
}

static enum atom_kind kind_of(const struct obj_sec *s, const struct special *sp)
{
	if (sp)
		return ATOM_ENTRY;
	if (s->data && (s->flags & SHF_MERGE))
		return (s->flags & SHF_STRINGS) && s->entsize == 1 ? ATOM_STRING : ATOM_CONST;
	if (sec_is_parts(s))
		return ATOM_PART;
	return ATOM_MISC; /* until a symbol names it */
}

static int add_atom(struct builder *b, struct atom atom, uint32_t *cap)
{
	struct model *m = b->m;

	if (m->n_atoms == *cap) {
		uint32_t more = *cap ? *cap * 2 : 1024;
		struct atom *p = reallocarray(m->atoms, more, sizeof(*p));

		if (!p)
			return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
		m->atoms = p;
		*cap = more;
	}
	m->atoms[m->n_atoms++] = atom;
	return 0;
}

static int cut_section(struct builder *b, sec_id id, uint32_t *cap)
{
	const struct obj_sec *s = &b->m->obj->secs[id];
	const struct special *sp = special_find(s->name);
	struct atom atom = { .kind = kind_of(s, sp), .sec = id, .special = sp };
	int r = mark_cuts(b, id, s, sp);

	/* A lock_class_key is empty without lockdep, but code still takes its address. */
	if (r == 0 && s->size == 0)
		return add_atom(b, atom, cap);
	for (uint64_t off = 1; r == 0 && off <= s->size; off++) {
		if (off != s->size && !b->cut[off])
			continue;
		atom.size = off - atom.off;
		r = add_atom(b, atom, cap);
		atom.off = off;
	}
	return r;
}

/* Of several symbols at one place the name is that of a function or object, global, larger. */
static int name_rank(const struct obj_sym *s)
{
	return (s->bind != STB_LOCAL) * 2 + (s->size != 0);
}

/* objtool and clang name what stands before a function: see own_prefixes(). */
static bool sym_is_part(const struct obj_sym *s)
{
	return strstr(s->name, ".cold") || strncmp(s->name, "__pfx_", 6) == 0 ||
	       strncmp(s->name, "__cfi_", 6) == 0;
}

static void name_atoms(struct model *m)
{
	const struct obj *o = m->obj;

	for (sym_id i = 1; i < o->n_syms; i++) {
		const struct obj_sym *s = &o->syms[i];
		struct atom *a;
		atom_id id;

		if (!s->sec || !sym_names_atom(o, s))
			continue;
		id = model_atom_at(m, s->sec, s->value);
		a = &m->atoms[id];
		if (!id || a->off != s->value || (a->kind != ATOM_MISC && !a->sym))
			continue;
		if (a->sym && name_rank(&o->syms[a->sym]) >= name_rank(s))
			continue;
		a->sym = i;
		if (!sec_is_code(&o->secs[a->sec]))
			a->kind = ATOM_DATA;
		else
			a->kind = sym_is_part(s) ? ATOM_PART : ATOM_CODE;
	}
}

int builder_cut_atoms(struct builder *b)
{
	const struct obj *o = b->m->obj;
	uint32_t cap = 0;
	uint64_t largest = 0;
	int r = 0;

	for (sec_id i = 1; i < o->n_secs; i++)
		if (sec_is_modelled(&o->secs[i]) && o->secs[i].size > largest)
			largest = o->secs[i].size;
	/* A .bss can claim any size: it costs no byte of the file. */
	if (largest > OBJECT_MAX_BYTES)
		return oak_fail(b->err, OAK_E_TOOLARGE, "a section is larger than %u bytes",
				OBJECT_MAX_BYTES);
	b->cut = calloc(largest + 1, sizeof(*b->cut));
	b->m->sec_first = calloc(o->n_secs + 1u, sizeof(*b->m->sec_first));
	if (!b->cut || !b->m->sec_first)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	r = add_atom(b, (struct atom){ .kind = kind_of(&o->secs[0], NULL) }, &cap);
	for (sec_id i = 0; r == 0 && i < o->n_secs; i++) {
		b->m->sec_first[i] = b->m->n_atoms;
		if (i && sec_is_modelled(&o->secs[i]))
			r = cut_section(b, i, &cap);
	}
	b->m->sec_first[o->n_secs] = b->m->n_atoms;
	if (r == 0)
		name_atoms(b->m);
	return r;
}
