/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * types: the layout of everything that an object's code shares with the running kernel, as DWARF
 * tells it, and whether a fix changes it.
 *
 * An entity is a struct, union or enum with a tag ("struct foo"), one that only a typedef names
 * ("foo_t"), a constant of an enum without a name ("FOO_MAX"), or a variable ("foo"). Its rows are
 * members with offset and shape, constants with value. Anonymous members are spread over the
 * rows of what holds them. A shape spells out a type down to the next entity's name; typedefs of
 * anything else and const do not count, signedness does.
 *
 * A type's size and members are compared only where both objects have the entity: one that merely
 * comes or goes changes no memory of the running kernel. New constants are fine as long as those
 * that were there stay and keep their values.
 *
 * Reading checks the ELF file (elf/object.h), applies the relocations of its debugging sections
 * in memory and leaves DWARF to libdw. Limits: TYPES_*_MAX.
 */
#ifndef OAK_BUILD_TYPES_H
#define OAK_BUILD_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "build/diff.h"
#include "elf/object.h"

/* vmlinux as a whole has 10,000 types with 60,000 members; one object is far below. */
#define TYPES_MAX     (1u << 18)
#define TYPE_ROWS_MAX (1u << 22)

enum type_kind {
	TYPE_AGGREGATE, /* struct, union */
	TYPE_ENUM,
	TYPE_CONSTANT, /* of an enum without a name */
	TYPE_VARIABLE,
};

/* Names and shapes are offsets into types.text. */
struct type_row {
	uint32_t name;   /* of a member or constant; a variable's only row has none */
	uint32_t shape;  /* "" of constants */
	uint64_t at;     /* offset in bits, or value */
	uint64_t n_bits; /* of a bit field, else 0 */
};

struct type {
	uint32_t name;
	uint32_t scope; /* the function that defines it, or "" */
	enum type_kind kind;
	uint64_t n_bytes; /* of the type; 0 of constants and variables */
	size_t first, n;  /* rows */
};

struct types {
	struct type *v; /* by name, scope, kind */
	size_t n;
	struct type_row *rows;
	size_t n_rows;
	struct buf text;
};

/**
 * types_read() - all entities of an object that was compiled with -g
 * @ret: zeroed by the caller; types_free() it, also after a failure
 *
 * Also reads what "gcc -flto" puts aside for the link. Errors: OAK_E_FORMAT (no DWARF, damaged),
 * OAK_E_TOOLARGE, OAK_E_NOMEM, and those of object_open().
 */
int types_read(const char *path, struct types *ret, struct oak_error *err) _must_check_;
/* Was the object compiled with -g? */
bool types_are_in(const struct obj *o);
void types_free(struct types *t); /* zero is fine; also the guard */

/**
 * types_compare() - what of the running kernel's memory the patched code would misread
 * @ret: appended to: rule "type-layout", one finding an entity
 *
 * Pure. Errors: OAK_E_NOMEM.
 */
int types_compare(const struct types *orig, const struct types *patched, struct findings *ret,
		  struct oak_error *err) _must_check_;

#endif
