/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/special.h"

#include <stddef.h>
#include <string.h>

#include "elf/object.h"

#define AT(off) (1u << (off))

/* One PC-relative word a site. */
#define SITES                            \
	{                                \
		.size = 4, .must = AT(0) \
	}
/* One address a site. */
#define ADDRESSES                        \
	{                                \
		.size = 8, .must = AT(0) \
	}

static const struct special table[] = {
	/* asm/bug.h: {addr, file, u16 line, u16 flags}, {addr, u16 flags} without
	 * CONFIG_DEBUG_BUGVERBOSE */
	{ .name = "__bug_table",
	  .shapes = { { .size = 12, .must = AT(0) | AT(4), .ignore_off = 8, .ignore_len = 2 },
		      { .size = 8, .must = AT(0) } } },
	/* asm/alternative.h: {instr, replacement, feature, lengths}: u16 feature, 2 lengths; 3
	 * (4.0 to 5.12); u32 feature (6.3). Up to 4.x static_cpu_has() gave no replacement. */
	{ .name = ".altinstructions",
	  .shapes = { { .size = 12, .must = AT(0), .may = AT(4) },
		      { .size = 13, .must = AT(0), .may = AT(4) },
		      { .size = 14, .must = AT(0), .may = AT(4) } } },
	/* asm/paravirt_types.h: {u64 instr, u8 type, u8 len, u16 clobbers (to 6.2)}, aligned to 8
	 * before each entry, since 4.20 after it too */
	{ .name = ".parainstructions", .shapes = { { .size = 16, .must = AT(0) } }, .tail_min = 10 },
	/* linux/jump_label.h: {code, target, key}, of 8 bytes each up to 4.18; the key's low bits
	 * are flags */
	{ .name = "__jump_table",
	  .shapes = { { .size = 16, .must = AT(0) | AT(4) | AT(8) },
		      { .size = 24, .must = AT(0) | AT(8) | AT(16) } },
	  .key_rel = 2 },
	/* linux/static_call_types.h: {addr, key}; the key's low bits are flags */
	{ .name = ".static_call_sites",
	  .shapes = { { .size = 8, .must = AT(0) | AT(4) } },
	  .key_rel = 1 },
	/* asm/extable.h: {insn, fixup}; 4.6: and handler; 5.16: and u32 type instead. Three of the
	 * first have the size and the relocations of two of the second, but no handler. */
	{ .name = "__ex_table",
	  .shapes = { { .size = 8, .must = AT(0) | AT(4) },
		      { .size = 12, .must = AT(0) | AT(4) | AT(8), .handler = 8 },
		      { .size = 12, .must = AT(0) | AT(4) } } },
	/* asm/alternative.h, LOCK_PREFIX */
	{ .name = ".smp_locks", .shapes = { SITES } },
	/* objtool; clang (-fsanitize=kcfi) */
	{ .name = ".retpoline_sites", .shapes = { SITES }, .derived = true },
	{ .name = ".return_sites", .shapes = { SITES }, .derived = true },
	{ .name = ".call_sites", .shapes = { SITES }, .derived = true },
	{ .name = ".ibt_endbr_seal", .shapes = { SITES }, .derived = true },
	{ .name = ".cfi_sites", .shapes = { SITES }, .derived = true },
	{ .name = ".kcfi_traps", .shapes = { SITES }, .derived = true },
	/* recordmcount, gcc -mrecord-mcount; -fpatchable-function-entry */
	{ .name = "__mcount_loc", .shapes = { ADDRESSES }, .derived = true },
	{ .name = "__patchable_function_entries", .shapes = { ADDRESSES }, .derived = true },
	/* objtool, asm/orc_types.h */
	{ .name = ".orc_unwind_ip", .shapes = { SITES }, .derived = true },
	{ .name = ".orc_unwind", .companion = ".orc_unwind_ip", .derived = true },
};

const struct special *special_find(const char *section)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, section) == 0)
			return &table[i];
	return NULL;
}

static bool names_handler(const struct obj *o, const struct obj_rel *rel)
{
	return strncmp(o->syms[rel->sym].name, "ex_handler_", strlen("ex_handler_")) == 0;
}

/* Are the relocations just those that whole entries of this shape have? */
static bool shape_fits(const struct special_shape *shape, const struct obj *o,
		       const struct obj_sec *s, uint8_t tail_min)
{
	const struct obj_rel *rels = o->rels + s->first_rel;
	uint64_t entries = s->size / shape->size;
	uint32_t i = 0;

	if (tail_min && s->size % shape->size >= tail_min)
		entries++;
	for (uint64_t e = 0; e < entries; e++) {
		uint32_t seen = 0;

		for (; i < s->n_rels && rels[i].off < (e + 1) * shape->size; i++) {
			uint64_t at = rels[i].off - e * shape->size;

			if (at >= 32 || (seen & AT(at)) ||
			    names_handler(o, &rels[i]) != (shape->handler && at == shape->handler))
				return false;
			seen |= AT(at);
		}
		if ((seen & shape->must) != shape->must || (seen & ~(shape->must | shape->may)))
			return false;
	}
	return entries && i == s->n_rels;
}

uint32_t special_size_given(const struct special_sizes *sizes, const char *section)
{
	for (size_t i = 0; sizes && i < sizes->n; i++)
		if (strcmp(sizes->v[i].section, section) == 0)
			return sizes->v[i].size;
	return 0;
}

const struct special_shape *special_shape_of(const struct special *sp, const struct obj *o,
					     const struct obj_sec *s)
{
	return special_shape_sized(sp, 0, o, s);
}

const struct special_shape *special_shape_sized(const struct special *sp, uint32_t size,
						const struct obj *o, const struct obj_sec *s)
{
	const struct special_shape *fits = NULL;
	bool exact = false, twice = false;

	for (size_t i = 0; i < SPECIAL_SHAPES_MAX && sp->shapes[i].size; i++) {
		const struct special_shape *shape = &sp->shapes[i];
		bool whole = s->size % shape->size == 0;

		if ((size && shape->size != size) || !shape_fits(shape, o, s, sp->tail_min))
			continue;
		/* Padding behind the last entry is believed only where nothing fits without. */
		if (fits && whole == exact) {
			twice = true;
		} else if (!fits || whole) {
			fits = shape;
			exact = whole;
			twice = false;
		}
	}
	return twice ? NULL : fits;
}

bool special_ignores(const struct special *sp, uint64_t size, uint64_t pos)
{
	for (size_t i = 0; i < SPECIAL_SHAPES_MAX && sp->shapes[i].size; i++) {
		const struct special_shape *shape = &sp->shapes[i];

		if (shape->size == size)
			return pos >= shape->ignore_off &&
			       pos - shape->ignore_off < shape->ignore_len;
	}
	return false;
}
