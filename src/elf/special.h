/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * special: the sections whose entries describe code: for each entry the kernel patches, traces,
 * unwinds or reports an instruction.
 *
 * Entry sizes differ between kernels, so a row lists the shapes that kernels 3.10 to 6.12 have
 * had: a size, and where its relocations stand. Of these exactly one must fit a section as a
 * whole; where none or several do the object is refused, for an entry cut wrongly would tell the
 * kernel to patch the wrong bytes. Checked against the sizes that BTF gives for Debian's 6.1
 * (shared facts, part 1.3); older ones from the headers named in special.c.
 *
 * To add a section, or a shape: one row in special.c.
 */
#ifndef OAK_ELF_SPECIAL_H
#define OAK_ELF_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct obj;
struct obj_sec;

#define SPECIAL_SHAPES_MAX 3

struct special_shape {
	uint8_t size;    /* of an entry, bytes; 0: no shape */
	uint8_t handler; /* where "ex_handler_*" is named, and nowhere else; 0: nowhere */
	uint32_t must;   /* bit n: a relocation stands at offset n of each entry */
	uint32_t may;    /* ... of some entries */
	uint8_t ignore_off, ignore_len; /* bytes that are not code: the line of WARN() */
};

struct special {
	const char *name;
	struct special_shape shapes[SPECIAL_SHAPES_MAX];
	const char *companion; /* instead of shapes: whose n-th entry belongs to our n-th */
	/* The machine makes it from the code alone: two functions of equal code have equal
	 * entries, so comparing them would say nothing new. */
	bool derived;
	uint8_t key_rel;  /* number of the relocation that names a static key or call; 0: none */
	uint8_t tail_min; /* the last entry may end here, before its padding; 0: it may not */
};

/* The row of a section, NULL for an ordinary section. */
const struct special *special_find(const char *section);

/**
 * special_shape_of() - the one shape that fits section @s of @o
 *
 * What follows the last whole entry is for the caller to look at.
 *
 * Return: NULL where none or several fit.
 */
const struct special_shape *special_shape_of(const struct special *sp, const struct obj *o,
					     const struct obj_sec *s);

/* Sizes of entries as one kernel gives them (kernel/entry-sizes.h). */
#define SPECIAL_SIZES_MAX 8

struct special_sizes {
	struct special_size {
		const char *section; /* static */
		uint32_t size;
	} v[SPECIAL_SIZES_MAX];
	size_t n;
};

/* Bytes of an entry of @section; 0: not given. @sizes may be NULL. */
uint32_t special_size_given(const struct special_sizes *sizes, const char *section);

/* As special_shape_of(), of shapes of @size bytes; 0: of any. */
const struct special_shape *special_shape_sized(const struct special *sp, uint32_t size,
						const struct obj *o, const struct obj_sec *s);

/* Does the byte at @pos of an entry of @size bytes say nothing of the code? */
bool special_ignores(const struct special *sp, uint64_t size, uint64_t pos);

#endif
