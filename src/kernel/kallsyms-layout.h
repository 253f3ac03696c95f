/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms-layout: where the tables of kallsyms lie in .rodata. Used by kallsyms.c alone. */
#ifndef OAK_KERNEL_KALLSYMS_LAYOUT_H
#define OAK_KERNEL_KALLSYMS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KALLSYMS_TOKENS   256
#define KALLSYMS_NAME_MAX 512 /* KSYM_NAME_LEN; a compressed name is never longer than this */

struct kallsyms_layout {
	const uint8_t *token_table, *token_index;
	const uint8_t *names, *names_end; /* n times {ULEB128 length, that many token numbers} */
	const uint8_t *offsets;           /* n times i32 */
	uint64_t relative_base;
	uint32_t n;
	bool absolute_percpu; /* CONFIG_KALLSYMS_ABSOLUTE_PERCPU */
};

/* Fills @ret where the bytes hold a kallsyms table. @data is aligned as in memory: bytes at
 * multiples of 8 from it are. */
bool kallsyms_locate(const uint8_t *data, size_t len, struct kallsyms_layout *ret);

/* Length of the compressed name at *p and its first byte; false where it does not end before
 * @end. Advances *p behind the length. */
bool kallsyms_name_len(const uint8_t **p, const uint8_t *end, size_t *ret);

/* Address of symbol @i by the layout's rule. */
uint64_t kallsyms_addr(const struct kallsyms_layout *l, size_t i);

#endif
