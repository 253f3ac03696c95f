/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types-shape: a C type of DWARF, spelled so that equal texts mean equal memory. */
#include "build/types-priv.h"

#include <dwarf.h>
#include <inttypes.h>
#include <string.h>

/* Chains of typedefs and qualifiers; a damaged file could close one to a circle. */
#define CHAIN_MAX 64

uint64_t shape_number(Dwarf_Die *die, unsigned attribute, uint64_t otherwise)
{
	Dwarf_Attribute at;
	Dwarf_Word v;

	if (!dwarf_attr(die, attribute, &at))
		return otherwise;
	/* A number that has a sign comes extended. */
	if (at.form == DW_FORM_sdata || at.form == DW_FORM_implicit_const) {
		Dwarf_Sword s;

		return dwarf_formsdata(&at, &s) == 0 ? (uint64_t)s : otherwise;
	}
	return dwarf_formudata(&at, &v) == 0 ? v : otherwise;
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute at;

	return dwarf_attr_integrate(die, DW_AT_type, &at) && dwarf_formref_die(&at, ret);
}

static bool is_qualifier(int tag)
{
	return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
	       tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type;
}

static bool may_have_tag(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
	       tag == DW_TAG_enumeration_type;
}

struct base shape_base(const Dwarf_Die *die)
{
	struct base b = { .kind = BASE_VOID };
	const char *alias = NULL;
	Dwarf_Die at = *die;

	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		if (!type_of(&at, &b.die))
			return b;
		b.tag = dwarf_tag(&b.die);
		if (b.tag == DW_TAG_typedef)
			alias = dwarf_diename(&b.die);
		else if (!is_qualifier(b.tag))
			break;
		at = b.die;
	}
	b.kind = BASE_OTHER;
	if (!may_have_tag(b.tag))
		return b;
	b.name = dwarf_diename(&b.die);
	if (!b.name && alias) {
		b.name = alias;
		b.is_typedef = true;
	}
	b.kind = b.name ? BASE_NAMED : BASE_BARE;
	return b;
}

void shape_place(Dwarf_Die *member, uint64_t *ret_at, uint64_t *ret_bits)
{
	uint64_t bytes = shape_number(member, DW_AT_data_member_location, 0);
	uint64_t bits = shape_number(member, DW_AT_bit_size, 0);
	uint64_t from_top = shape_number(member, DW_AT_bit_offset, UINT64_MAX);
	uint64_t storage = shape_number(member, DW_AT_byte_size, 0);
	Dwarf_Die type;

	*ret_bits = bits;
	*ret_at = shape_number(member, DW_AT_data_bit_offset, bytes * 8);
	if (!bits || from_top == UINT64_MAX)
		return;
	/* DWARF 3 counts from the most significant bit of the unit that holds the field. */
	if (!storage && type_of(member, &type)) {
		Dwarf_Word size;

		storage = dwarf_aggregate_size(&type, &size) == 0 ? size : 0;
	}
	*ret_at = bytes * 8 + storage * 8 - from_top - bits;
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int add(struct buf *b, const char *text, struct oak_error *err)
{
	return buf_add_str(b, text) < 0 ? out_of_memory(err) : 0;
}

static int write_type(Dwarf_Die *die, unsigned depth, struct buf *ret, struct oak_error *err);

/* "(int, struct foo *)" */
static int write_parameters(Dwarf_Die *function, unsigned depth, struct buf *ret,
			    struct oak_error *err)
{
	Dwarf_Die child;
	unsigned n = 0;
	int r = add(ret, "(", err);

	for (bool more = dwarf_child(function, &child) == 0; r == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0) {
		int tag = dwarf_tag(&child);

		if (tag != DW_TAG_formal_parameter && tag != DW_TAG_unspecified_parameters)
			continue;
		if (n++)
			r = add(ret, ", ", err);
		if (r == 0)
			r = tag == DW_TAG_formal_parameter ? write_type(&child, depth, ret, err)
							   : add(ret, "...", err);
	}
	return r < 0 ? r : add(ret, ")", err);
}

/* "{ int a @0; char b @32:3; }", of what has no name to be compared under. */
static int write_bare(Dwarf_Die *die, unsigned depth, struct buf *ret, struct oak_error *err)
{
	Dwarf_Die child;
	int r = add(ret, "{ ", err);

	for (bool more = dwarf_child(die, &child) == 0; r == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0) {
		const char *name = dwarf_diename(&child);
		uint64_t at, bits;

		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		shape_place(&child, &at, &bits);
		r = write_type(&child, depth, ret, err);
		if (r == 0 && buf_printf(ret, " %s @%" PRIu64 ":%" PRIu64 "; ", name ? name : "",
					 at, bits) < 0)
			r = out_of_memory(err);
	}
	return r < 0 ? r : add(ret, "}", err);
}

/* "int[4][]"; a bound of none and of 0 are both an array at the end. */
static int write_array(Dwarf_Die *die, unsigned depth, struct buf *ret, struct oak_error *err)
{
	int r = write_type(die, depth, ret, err);
	Dwarf_Die child;

	for (bool more = dwarf_child(die, &child) == 0; r == 0 && more;
	     more = dwarf_siblingof(&child, &child) == 0) {
		uint64_t n;

		if (dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		n = shape_number(&child, DW_AT_count,
				 shape_number(&child, DW_AT_upper_bound, UINT64_MAX) + 1);
		if ((n ? buf_printf(ret, "[%" PRIu64 "]", n) : buf_add_str(ret, "[]")) < 0)
			r = out_of_memory(err);
	}
	return r;
}

/* "unsigned 4": two names of one base type hold the same bytes. */
static int write_scalar(Dwarf_Die *die, struct buf *ret, struct oak_error *err)
{
	static const struct {
		uint64_t encoding;
		const char *name;
	} names[] = {
		{ DW_ATE_boolean, "bool" },           { DW_ATE_signed, "signed" },
		{ DW_ATE_signed_char, "signed" },     { DW_ATE_unsigned, "unsigned" },
		{ DW_ATE_unsigned_char, "unsigned" },
	};
	uint64_t encoding = shape_number(die, DW_AT_encoding, 0);
	uint64_t bits = 8 * shape_number(die, DW_AT_byte_size, 0);
	const char *name = dwarf_diename(die);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].encoding == encoding)
			name = names[i].name;
	if (buf_printf(ret, "%s %" PRIu64 "-bit", name ? name : "?", bits) < 0)
		return out_of_memory(err);
	return 0;
}

static const char *keyword(const struct base *b)
{
	switch (b->tag) {
	case DW_TAG_structure_type:
		return "struct ";
	case DW_TAG_union_type:
		return "union ";
	default:
		return "enum ";
	}
}

static int write_other(struct base *b, unsigned depth, struct buf *ret, struct oak_error *err)
{
	int r;

	switch (b->tag) {
	case DW_TAG_pointer_type:
		r = write_type(&b->die, depth, ret, err);
		return r < 0 ? r : add(ret, " *", err);
	case DW_TAG_subroutine_type:
		r = write_type(&b->die, depth, ret, err);
		return r < 0 ? r : write_parameters(&b->die, depth, ret, err);
	case DW_TAG_array_type:
		return write_array(&b->die, depth, ret, err);
	default:
		return write_scalar(&b->die, ret, err);
	}
}

static int write_type(Dwarf_Die *die, unsigned depth, struct buf *ret, struct oak_error *err)
{
	struct base b = shape_base(die);
	int r;

	if (depth == SHAPE_DEPTH_MAX)
		return oak_fail(err, OAK_E_FORMAT, "a type is nested more than %d deep",
				SHAPE_DEPTH_MAX);
	switch (b.kind) {
	case BASE_VOID:
		return add(ret, "void", err);
	case BASE_NAMED:
		r = b.is_typedef ? 0 : add(ret, keyword(&b), err);
		return r < 0 ? r : add(ret, b.name, err);
	case BASE_BARE:
		r = add(ret, keyword(&b), err);
		return r < 0 ? r : write_bare(&b.die, depth + 1, ret, err);
	case BASE_OTHER:
		break;
	}
	return write_other(&b, depth + 1, ret, err);
}

int shape_write(Dwarf_Die *die, struct buf *ret, struct oak_error *err)
{
	return write_type(die, 0, ret, err);
}
