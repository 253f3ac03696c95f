/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch-insn: what one instruction does, as far as following a constant to a call, or a loop, needs it.
 *
 * Registers are numbered as instructions encode them (x86-64: 0 rax, 1 rcx, 2 rdx, 6 rsi, 7 rdi);
 * arguments are counted from 0.
 */
#ifndef OAK_ELF_ARCH_INSN_H
#define OAK_ELF_ARCH_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_NO_REG 255u

enum insn_flow {
	FLOW_NEXT,  /* goes on with the next instruction and nowhere else */
	FLOW_CALL,  /* a direct call: whatever holds arguments is spent */
	FLOW_OTHER, /* jumps, returns, traps */
};

struct arch_insn {
	uint8_t len;
	enum insn_flow flow;
	uint8_t const_reg; /* "mov $const, reg" and nothing else; ARCH_NO_REG */
	uint8_t const_off; /* of the constant, in the instruction: 4 bytes */
	uint32_t touches;  /* bit a register, read or written, whole or in part */
	bool falls;        /* may go on with the instruction behind it */
	int64_t jump;      /* a direct jump's target, from its own start; 0: none, or relocated */
};

/* Return: false where the bytes are no instruction. */
bool arch_insn_read(const uint8_t *code, size_t len, struct arch_insn *ret);

/* The register of an argument of a function; ARCH_NO_REG where it goes on the stack. */
uint8_t arch_argument_reg(unsigned nth);

#endif
