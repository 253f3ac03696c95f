/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types-priv: shared by the files of types and by nobody else. */
#ifndef OAK_BUILD_TYPES_PRIV_H
#define OAK_BUILD_TYPES_PRIV_H

#include <elfutils/libdw.h>

#include "build/types.h"

/* Arrays of pointers to functions that take pointers ...: the kernel needs 9. */
#define SHAPE_DEPTH_MAX 64

/* The type behind typedefs and qualifiers. */
enum base_kind {
	BASE_VOID,
	BASE_NAMED, /* an entity: has a tag, or only a typedef names it */
	BASE_BARE,  /* struct, union or enum without any name */
	BASE_OTHER,
};

struct base {
	enum base_kind kind;
	int tag;          /* DW_TAG_ of @die */
	const char *name; /* of BASE_NAMED */
	bool is_typedef;  /* the name is a typedef's */
	Dwarf_Die die;
};

struct base shape_base(const Dwarf_Die *die); /* of the type that the attribute DW_AT_type names */

/* Appends the spelling of the type of @die. Errors: OAK_E_NOMEM, OAK_E_FORMAT (too deep). */
int shape_write(Dwarf_Die *die, struct buf *ret, struct oak_error *err) _must_check_;

/* Offset of a member from the start of its structure in bits, and its width if a bit field. */
void shape_place(Dwarf_Die *member, uint64_t *ret_at, uint64_t *ret_bits);

uint64_t shape_number(Dwarf_Die *die, unsigned attribute, uint64_t otherwise);

#endif
