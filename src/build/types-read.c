/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/types-priv.h"

#include <dwarf.h>
#include <elf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "build/names.h"

/* Blocks in blocks of a function, structures in structures. */
#define NESTING_MAX 64

struct reader {
	struct types *t;
	size_t types_cap, rows_cap;
	const char *scope; /* the function at hand, or "" */
	struct buf prefix; /* of members of a nameless member: "name." */
	struct buf shape;
	struct oak_error *err;
};

void types_free(struct types *t)
{
	free(t->v);
	free(t->rows);
	buf_free(&t->text);
	*t = (struct types){ 0 };
}

static int out_of_memory(struct reader *r)
{
	return oak_fail(r->err, OAK_E_NOMEM, "out of memory");
}

static int add_text(struct reader *r, const char *a, const char *b, uint32_t *ret)
{
	struct buf *text = &r->t->text;

	if (text->len > UINT32_MAX / 2)
		return oak_fail(r->err, OAK_E_TOOLARGE, "names of types take over 2 GB");
	*ret = (uint32_t)text->len;
	if (buf_add_str(text, a) < 0 || buf_add(text, b, strlen(b) + 1) < 0)
		return out_of_memory(r);
	return 0;
}

static int begin_type(struct reader *r, const struct type *head, const char *keyword,
		      const char *name)
{
	struct types *t = r->t;
	struct type *one;
	int res;

	if (t->n == TYPES_MAX)
		return oak_fail(r->err, OAK_E_TOOLARGE, "more than %u types", TYPES_MAX);
	if (t->n == r->types_cap) {
		size_t cap = r->types_cap ? 2 * r->types_cap : 4096;
		struct type *v = reallocarray(t->v, cap, sizeof(*v));

		if (!v)
			return out_of_memory(r);
		t->v = v;
		r->types_cap = cap;
	}
	one = &t->v[t->n++];
	*one = *head;
	one->first = t->n_rows;
	res = add_text(r, keyword, name, &one->name);
	return res < 0 ? res : add_text(r, r->scope, "", &one->scope);
}

/* To the type that was begun last. */
static int add_row(struct reader *r, const struct type_row *row, const char *name)
{
	struct types *t = r->t;
	struct type_row *one;
	int res;

	if (t->n_rows == TYPE_ROWS_MAX)
		return oak_fail(r->err, OAK_E_TOOLARGE, "more than %u members", TYPE_ROWS_MAX);
	if (t->n_rows == r->rows_cap) {
		size_t cap = r->rows_cap ? 2 * r->rows_cap : 32768;
		struct type_row *v = reallocarray(t->rows, cap, sizeof(*v));

		if (!v)
			return out_of_memory(r);
		t->rows = v;
		r->rows_cap = cap;
	}
	one = &t->rows[t->n_rows++];
	*one = *row;
	t->v[t->n - 1].n++;
	res = add_text(r, buf_str(&r->prefix), name, &one->name);
	return res < 0 ? res : add_text(r, buf_str(&r->shape), "", &one->shape);
}

static int read_members(struct reader *r, Dwarf_Die *die, uint64_t base, unsigned depth);

/* Members of a nameless struct or union are members of what holds it. */
static int spread_member(struct reader *r, Dwarf_Die *type, const char *name, uint64_t at,
			 unsigned depth)
{
	size_t len = r->prefix.len;
	int res = 0;

	if (name[0] && buf_printf(&r->prefix, "%s.", name) < 0)
		return out_of_memory(r);
	res = read_members(r, type, at, depth + 1);
	r->prefix.len = len;
	if (r->prefix.data)
		r->prefix.data[len] = '\0';
	return res;
}

static int read_member(struct reader *r, Dwarf_Die *member, uint64_t base, unsigned depth)
{
	const char *name = dwarf_diename(member);
	struct base b = shape_base(member);
	struct type_row row = { 0 };
	int res;

	name = name ? name : "";
	shape_place(member, &row.at, &row.n_bits);
	row.at += base;
	if (b.kind == BASE_BARE && b.tag != DW_TAG_enumeration_type)
		return spread_member(r, &b.die, name, row.at, depth);
	r->shape.len = 0;
	res = shape_write(member, &r->shape, r->err);
	return res < 0 ? res : add_row(r, &row, name);
}

static int read_members(struct reader *r, Dwarf_Die *die, uint64_t base, unsigned depth)
{
	Dwarf_Die child;
	int res = 0;

	if (depth == NESTING_MAX)
		return oak_fail(r->err, OAK_E_FORMAT, "a type is nested more than %d deep",
				NESTING_MAX);
	for (bool more = dwarf_child(die, &child) == 0; res == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0)
		if (dwarf_tag(&child) == DW_TAG_member)
			res = read_member(r, &child, base, depth);
	return res;
}

/* @single: each constant is an entity of its own. */
static int read_constants(struct reader *r, Dwarf_Die *die, bool single)
{
	static const struct type constant = { .kind = TYPE_CONSTANT };
	Dwarf_Die child;
	int res = 0;

	r->shape.len = 0;
	if (r->shape.data)
		r->shape.data[0] = '\0';
	for (bool more = dwarf_child(die, &child) == 0; res == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0) {
		const char *name = dwarf_diename(&child);
		struct type_row row = { .at = shape_number(&child, DW_AT_const_value, 0) };

		if (dwarf_tag(&child) != DW_TAG_enumerator || !name)
			continue;
		if (single)
			res = begin_type(r, &constant, "", name);
		if (res == 0)
			res = add_row(r, &row, name);
	}
	return res;
}

static int read_type(struct reader *r, Dwarf_Die *die, const char *keyword, const char *name)
{
	bool is_enum = dwarf_tag(die) == DW_TAG_enumeration_type;
	struct type head = { .kind = is_enum ? TYPE_ENUM : TYPE_AGGREGATE,
			     .n_bytes = shape_number(die, DW_AT_byte_size, 0) };
	Dwarf_Attribute declaration;
	int res;

	/* Says only that there is one. */
	if (dwarf_attr(die, DW_AT_declaration, &declaration))
		return 0;
	if (!name)
		return is_enum ? read_constants(r, die, true) : 0;
	res = begin_type(r, &head, keyword, name);
	if (res < 0)
		return res;
	return is_enum ? read_constants(r, die, false) : read_members(r, die, 0, 0);
}

/* Of a struct, union or enum without a tag the typedef is the name. */
static int read_typedef(struct reader *r, Dwarf_Die *die)
{
	struct base b = shape_base(die);

	/* The constants of an enum without a tag are told one by one. */
	if (b.kind != BASE_BARE || b.tag == DW_TAG_enumeration_type)
		return 0;
	return read_type(r, &b.die, "", dwarf_diename(die));
}

static int read_variable(struct reader *r, Dwarf_Die *die)
{
	static const struct type variable = { .kind = TYPE_VARIABLE };
	const char *name = dwarf_diename(die);
	struct type_row row = { 0 };
	struct base b = shape_base(die);
	int res;

	/* Two that a macro numbers alike are not the same one. */
	if (!name || name_is_made_unique(name))
		return 0;
	r->shape.len = 0;
	/* How many elements: the differ compares the sizes of variables. */
	if (b.tag == DW_TAG_array_type)
		res = shape_write(&b.die, &r->shape, r->err);
	else
		res = shape_write(die, &r->shape, r->err);
	if (res == 0)
		res = begin_type(r, &variable, "", name);
	return res < 0 ? res : add_row(r, &row, "");
}

static int read_scope(struct reader *r, Dwarf_Die *die, unsigned depth);

static int read_function(struct reader *r, Dwarf_Die *die, unsigned depth)
{
	const char *outer = r->scope, *name = dwarf_diename(die);
	Dwarf_Attribute origin;
	int res;

	/* Its types stand where the origin does. */
	if (dwarf_attr(die, DW_AT_abstract_origin, &origin))
		return 0;
	if (!outer[0] && name)
		r->scope = name;
	res = read_scope(r, die, depth + 1);
	r->scope = outer;
	return res;
}

static int read_die(struct reader *r, Dwarf_Die *die, unsigned depth)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
		return read_type(r, die, "struct ", dwarf_diename(die));
	case DW_TAG_union_type:
		return read_type(r, die, "union ", dwarf_diename(die));
	case DW_TAG_enumeration_type:
		return read_type(r, die, "enum ", dwarf_diename(die));
	case DW_TAG_typedef:
		return read_typedef(r, die);
	case DW_TAG_variable:
		return r->scope[0] ? 0 : read_variable(r, die);
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
		return read_function(r, die, depth);
	default:
		return 0;
	}
}

static int read_scope(struct reader *r, Dwarf_Die *die, unsigned depth)
{
	Dwarf_Die child;
	int res = 0;

	if (depth == NESTING_MAX)
		return oak_fail(r->err, OAK_E_FORMAT, "blocks are nested more than %d deep",
				NESTING_MAX);
	for (bool more = dwarf_child(die, &child) == 0; res == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0)
		res = read_die(r, &child, depth);
	return res;
}

static bool is_debug(const struct obj_sec *s)
{
	return strncmp(s->name, ".debug_", 7) == 0 || strncmp(s->name, ".gnu.debuglto_", 14) == 0;
}

bool types_are_in(const struct obj *o)
{
	for (uint32_t i = 0; i < o->n_secs; i++)
		if (is_debug(&o->secs[i]) && strstr(o->secs[i].name, ".debug_info"))
			return true;
	return false;
}

/* libdw leaves the relocations of an object to its caller. The object is ours alone here. */
static int relocate(struct obj *o, const struct obj_sec *s, struct oak_error *err)
{
	if (s->flags & SHF_COMPRESSED)
		return oak_fail(err, OAK_E_FORMAT, "%s is compressed", s->name);
	for (uint32_t i = 0; s->data && i < s->n_rels; i++) {
		const struct obj_rel *rel = &o->rels[s->first_rel + i];
		size_t width = rel->type == R_X86_64_64 ? 8 : rel->type == R_X86_64_32 ? 4 : 0;
		uint64_t value = o->syms[rel->sym].value + (uint64_t)rel->addend;

		if (!width)
			continue;
		if (rel->off > s->size || s->size - rel->off < width)
			return oak_fail(err, OAK_E_FORMAT, "%s: a relocation lies outside", s->name);
		memcpy(o->file + (s->data - o->file) + rel->off, &value, width);
	}
	return 0;
}

static int read_units(struct reader *r, Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t kind;
	int found, res = 0;

	while (res == 0 &&
	       (found = dwarf_get_units(dwarf, unit, &unit, NULL, &kind, &die, NULL)) == 0)
		if (kind != DW_UT_type)
			res = read_scope(r, &die, 0);
	if (res == 0 && found < 0)
		return oak_fail(r->err, OAK_E_FORMAT, "debugging information: %s", dwarf_errmsg(-1));
	return res;
}

static int read_dwarf(struct reader *r, struct obj *o)
{
	Dwarf *dwarf = NULL;
	Elf *elf;
	int res;

	(void)elf_version(EV_CURRENT);
	elf = elf_memory((char *)o->file, o->file_len);
	if (elf)
		dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (dwarf)
		res = read_units(r, dwarf);
	else
		res = oak_fail(r->err, OAK_E_FORMAT, "no debugging information: %s",
			       dwarf_errmsg(-1));
	(void)dwarf_end(dwarf);
	(void)elf_end(elf);
	return res;
}

static int compare_names(const void *a, const void *b, void *text)
{
	const struct type *x = a, *y = b;
	int r = strcmp((char *)text + x->name, (char *)text + y->name);

	if (r == 0)
		r = strcmp((char *)text + x->scope, (char *)text + y->scope);
	if (r == 0)
		r = (x->kind > y->kind) - (x->kind < y->kind);
	return r ? r : (x->first > y->first) - (x->first < y->first);
}

int types_read(const char *path, struct types *ret, struct oak_error *err)
{
	struct reader r = { .t = ret, .scope = "", .err = err };
	_cleanup_(object_freep) struct obj *o = NULL;
	int res = object_open(path, &o, err);

	for (uint32_t i = 0; res == 0 && i < o->n_secs; i++)
		if (is_debug(&o->secs[i]))
			res = relocate(o, &o->secs[i], err);
	if (res == 0)
		res = read_dwarf(&r, o);
	buf_free(&r.prefix);
	buf_free(&r.shape);
	if (res < 0)
		return oak_context(err, "%s", path);
	if (ret->n)
		qsort_r(ret->v, ret->n, sizeof(*ret->v), compare_names, ret->text.data);
	return 0;
}
