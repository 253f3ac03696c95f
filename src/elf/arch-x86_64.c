/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/arch.h"

#include <elf.h>

#include <Zydis/Zydis.h>

#include "elf/object.h"

static const struct rel_type {
	uint32_t type;
	uint32_t same_as; /* the type that stands for all that one operand may be written with */
	uint8_t width;
	bool pcrel;
	const char *name;
} rel_types[] = {
	{ R_X86_64_64, R_X86_64_64, 8, false, "R_X86_64_64" },
	{ R_X86_64_PC32, R_X86_64_PC32, 4, true, "R_X86_64_PC32" },
	/* Without a procedure linkage table it is the same (gas 2.31 and later use it for calls). */
	{ R_X86_64_PLT32, R_X86_64_PC32, 4, true, "R_X86_64_PLT32" },
	{ R_X86_64_32, R_X86_64_32, 4, false, "R_X86_64_32" },
	{ R_X86_64_32S, R_X86_64_32S, 4, false, "R_X86_64_32S" },
	{ R_X86_64_PC64, R_X86_64_PC64, 8, true, "R_X86_64_PC64" },
	/* The X forms only allow the linker to do without the table. */
	{ R_X86_64_GOTPCREL, R_X86_64_GOTPCREL, 4, true, "R_X86_64_GOTPCREL" },
	{ R_X86_64_GOTPCRELX, R_X86_64_GOTPCREL, 4, true, "R_X86_64_GOTPCRELX" },
	{ R_X86_64_REX_GOTPCRELX, R_X86_64_GOTPCREL, 4, true, "R_X86_64_REX_GOTPCRELX" },
};

static const struct rel_type *find_type(uint32_t type)
{
	for (size_t i = 0; i < sizeof(rel_types) / sizeof(rel_types[0]); i++)
		if (rel_types[i].type == type)
			return &rel_types[i];
	return NULL;
}

unsigned arch_rel_width(uint32_t type)
{
	const struct rel_type *t = find_type(type);

	return t ? t->width : 0;
}

bool arch_rel_is_pcrel(uint32_t type)
{
	const struct rel_type *t = find_type(type);

	return t && t->pcrel;
}

bool arch_rel_same(uint32_t a, uint32_t b)
{
	const struct rel_type *ta = find_type(a), *tb = find_type(b);

	return ta && tb && ta->same_as == tb->same_as;
}

bool arch_rel_is_got(uint32_t type)
{
	const struct rel_type *t = find_type(type);

	return t && t->same_as == R_X86_64_GOTPCREL;
}

int64_t arch_target_off(int64_t off)
{
	return off >= 0x7ffffff0 ? off - 0x7ffffff0 : off;
}

const char *arch_rel_name(uint32_t type)
{
	const struct rel_type *t = find_type(type);

	return t ? t->name : NULL;
}

static enum ref_use use_of(const ZydisDecodedInstruction *insn, uint64_t field)
{
	ZydisInstructionCategory category = insn->meta.category;

	if (category == ZYDIS_CATEGORY_CALL)
		return insn->raw.imm[0].size ? USE_CALL : USE_MEMORY;
	if (category == ZYDIS_CATEGORY_UNCOND_BR || category == ZYDIS_CATEGORY_COND_BR)
		return insn->raw.imm[0].size ? USE_JUMP : USE_MEMORY;
	if (insn->raw.disp.size && insn->raw.disp.offset == field)
		return insn->mnemonic == ZYDIS_MNEMONIC_LEA ? USE_ADDR : USE_MEMORY;
	return USE_ADDR;
}

size_t arch_classify(const uint8_t *code, size_t len, const struct obj_rel *rels, size_t n,
		     struct rel_use *ret)
{
	size_t off = 0, unknown = 0;
	ZydisDecoder decoder;

	(void)ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t i = 0; i < n; i++) {
		ZydisDecodedInstruction insn = { 0 };
		size_t insn_len = 0, start = off;

		ret[i] = (struct rel_use){ .use = USE_DATA };
		while (off < len && off <= rels[i].off) {
			bool ok = ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL,
									     code + off, len - off,
									     &insn));

			insn_len = ok ? insn.length : 1;
			start = off;
			/* Two fields in one instruction: stay on it for the second. */
			if (off + insn_len > rels[i].off)
				break;
			off += insn_len;
		}
		if (insn.length == 0 || start + insn_len <= rels[i].off) {
			unknown++;
			continue;
		}
		ret[i].use = use_of(&insn, rels[i].off - start);
		if (arch_rel_is_pcrel(rels[i].type))
			ret[i].bias = (uint8_t)(start + insn_len - rels[i].off);
	}
	return unknown;
}
