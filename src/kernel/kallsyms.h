/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms: the kernel's own symbol table, found in .rodata by its structure: nothing points to it.
 *
 * Order in memory, every table aligned to 8 (scripts/kallsyms.c, write_src()):
 *
 *	up to 6.4:  offsets, relative_base, num_syms, names, markers, [seqs], token_table, token_index
 *	later:      num_syms, names, markers, token_table, token_index, offsets, relative_base, [seqs]
 *
 * seqs_of_names (3 bytes a symbol) came with 6.2, and into Debian's 6.1 with a stable release. We
 * look for token_index, whose 256 rising u16 values must match the strings before it, then back for
 * the markers and names that agree with each other, then for offsets on either side.
 */
#ifndef OAK_KERNEL_KALLSYMS_H
#define OAK_KERNEL_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct kallsyms {
	size_t n;
	uint64_t *addr;   /* rising */
	uint32_t *name;   /* offset of each name in @text */
	char *type;       /* as nm */
	char *text;       /* the names, each with its NUL */
	uint32_t *bucket; /* hash table: ids[bucket[h] .. bucket[h + 1]) hash to h */
	uint32_t *ids;    /* within a bucket sorted by name, equal names by id */
	unsigned hash_bits;
};

/**
 * kallsyms_parse() - find and decode the table
 * @rodata: bytes of the section that holds it
 * @addr:   their link address; the table lies aligned to it
 *
 * Pure. Errors: OAK_E_UNSUPPORTED (no such table), OAK_E_FORMAT, OAK_E_NOMEM. Fuzzed by
 * tests/fuzz/fuzz-kallsyms.c.
 */
int kallsyms_parse(const uint8_t *rodata, size_t len, uint64_t addr, struct kallsyms *ret,
		   struct oak_error *err) _must_check_;
void kallsyms_free(struct kallsyms *k); /* zero is fine; also the guard */

/* See kimage_find(). */
size_t kallsyms_find(const struct kallsyms *k, const char *name, const uint32_t **ret_ids);

/* Id of the first symbol whose address is not below @addr; n where there is none. */
size_t kallsyms_lower_bound(const struct kallsyms *k, uint64_t addr);

#endif
