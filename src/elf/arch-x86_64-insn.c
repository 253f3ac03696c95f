/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/arch-insn.h"

#include <Zydis/Zydis.h>

/* System V ABI, x86-64, 3.2.3. */
static const uint8_t argument_regs[] = { 7, 6, 2, 1, 8, 9 };

uint8_t arch_argument_reg(unsigned nth)
{
	return nth < sizeof(argument_regs) ? argument_regs[nth] : (uint8_t)ARCH_NO_REG;
}

static uint32_t reg_bit(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64)
		return 0;
	return 1u << ((unsigned)ZydisRegisterGetId(whole) & 15u);
}

static uint32_t touched(const ZydisDecodedOperand *ops, size_t n)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < n; i++) {
		if (ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER)
			mask |= reg_bit(ops[i].reg.value);
		if (ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			mask |= reg_bit(ops[i].mem.base) | reg_bit(ops[i].mem.index);
	}
	return mask;
}

static enum insn_flow flow_of(const ZydisDecodedInstruction *insn)
{
	static const ZydisInstructionCategory others[] = {
		ZYDIS_CATEGORY_UNCOND_BR, ZYDIS_CATEGORY_COND_BR, ZYDIS_CATEGORY_RET,
		ZYDIS_CATEGORY_INTERRUPT, ZYDIS_CATEGORY_SYSCALL, ZYDIS_CATEGORY_SYSRET,
	};

	if (insn->meta.category == ZYDIS_CATEGORY_CALL)
		return insn->raw.imm[0].size ? FLOW_CALL : FLOW_OTHER;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (insn->meta.category == others[i])
			return FLOW_OTHER;
	/* WARN() goes on behind its ud2, elsewhere nothing does. */
	return insn->mnemonic == ZYDIS_MNEMONIC_UD2 ? FLOW_OTHER : FLOW_NEXT;
}

static bool is_jump(const ZydisDecodedInstruction *insn)
{
	return insn->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
	       insn->meta.category == ZYDIS_CATEGORY_COND_BR;
}

/* int3 stands behind what does not go on; so does nothing behind a return. */
static bool falls(const ZydisDecodedInstruction *insn)
{
	return insn->meta.category != ZYDIS_CATEGORY_UNCOND_BR &&
	       insn->meta.category != ZYDIS_CATEGORY_RET && insn->mnemonic != ZYDIS_MNEMONIC_INT3;
}

/* A field that is to be relocated holds 0, and no compiler jumps to what comes next anyway. */
static int64_t jump_of(const ZydisDecodedInstruction *insn)
{
	if (!is_jump(insn) || !insn->raw.imm[0].size || !insn->raw.imm[0].value.s)
		return 0;
	return insn->raw.imm[0].value.s + insn->length;
}

bool arch_insn_read(const uint8_t *code, size_t len, struct arch_insn *ret)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisDecoder decoder;

	(void)ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &insn, ops)))
		return false;
	*ret = (struct arch_insn){
		.len = insn.length,
		.flow = flow_of(&insn),
		.const_reg = (uint8_t)ARCH_NO_REG,
		.touches = touched(ops, insn.operand_count),
		.falls = falls(&insn),
		.jump = jump_of(&insn),
	};
	if (insn.mnemonic == ZYDIS_MNEMONIC_MOV && insn.raw.imm[0].size == 32 &&
	    ops[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
		ret->const_reg = (uint8_t)ZydisRegisterGetId(ops[0].reg.value);
		ret->const_off = insn.raw.imm[0].offset;
	}
	return true;
}
