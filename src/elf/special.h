/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * special: the sections whose entries describe code: for each entry the kernel patches, traces,
 * unwinds or reports an instruction.
 *
 * No entry size is known here, for it differs between kernels. What does not differ is how many
 * relocations an entry has: so entries are cut where every rels-th relocation stands. Checked
 * against the sizes that BTF gives for Debian's 6.1 (shared facts, part 1.3).
 *
 * To add a section: one row in special.c.
 */
#ifndef OAK_ELF_SPECIAL_H
#define OAK_ELF_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

struct special {
	const char *name;
	uint8_t rels;          /* relocations an entry; 0: cut as its companion is */
	const char *companion; /* the section whose n-th entry belongs to our n-th */
	/* The machine makes it from the code alone: two functions of equal code have equal
	 * entries, so comparing them would say nothing new. */
	bool derived;
	uint8_t ignore_off, ignore_len; /* bytes of an entry that are not code: WARN()'s line */
	uint8_t key_rel; /* number of the relocation that names a static key or call; 0: none */
};

/* The row of a section, NULL for an ordinary section. */
const struct special *special_find(const char *section);

#endif
