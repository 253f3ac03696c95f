/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/special.h"

#include <stddef.h>
#include <string.h>

static const struct special table[] = {
	/* include/asm/bug.h: {addr, file, u16 line, u16 flags} */
	{ .name = "__bug_table", .rels = 2, .ignore_off = 8, .ignore_len = 2 },
	/* asm/alternative.h: {instr, replacement, feature, lengths} */
	{ .name = ".altinstructions", .rels = 2 },
	/* asm/paravirt.h: {instr, type, len}; 12 or 16 bytes */
	{ .name = ".parainstructions", .rels = 1 },
	/* linux/jump_label.h: {code, target, key}; the key's low bits are flags */
	{ .name = "__jump_table", .rels = 3, .key_rel = 2 },
	/* linux/static_call_types.h: {addr, key}; the key's low bits are flags */
	{ .name = ".static_call_sites", .rels = 2, .key_rel = 1 },
	/* asm/extable.h: {insn, fixup, type} */
	{ .name = "__ex_table", .rels = 2 },
	{ .name = ".smp_locks", .rels = 1 },
	/* objtool: one PC-relative word a site */
	{ .name = ".retpoline_sites", .rels = 1, .derived = true },
	{ .name = ".return_sites", .rels = 1, .derived = true },
	{ .name = ".call_sites", .rels = 1, .derived = true },
	{ .name = ".ibt_endbr_seal", .rels = 1, .derived = true },
	{ .name = "__mcount_loc", .rels = 1, .derived = true },
	{ .name = "__patchable_function_entries", .rels = 1, .derived = true },
	{ .name = ".orc_unwind_ip", .rels = 1, .derived = true },
	{ .name = ".orc_unwind", .companion = ".orc_unwind_ip", .derived = true },
};

const struct special *special_find(const char *section)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, section) == 0)
			return &table[i];
	return NULL;
}
