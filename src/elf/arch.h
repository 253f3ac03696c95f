/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch: what must be known of the machine to read its relocations.
 *
 * To add an architecture: an arch-<name>.c with these functions, chosen by e_machine in
 * object_read(), and the rows of special.c that it needs.
 */
#ifndef OAK_ELF_ARCH_H
#define OAK_ELF_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct obj_rel;

/* What an instruction (or a data word) does with the address that a relocation gives it. */
enum ref_use {
	USE_DATA,   /* a word in data */
	USE_CALL,   /* call target */
	USE_JUMP,   /* jump target, conditional or not */
	USE_ADDR,   /* the address itself is taken: lea, mov $imm */
	USE_MEMORY, /* operand in memory */
};

struct rel_use {
	enum ref_use use;
	/* Distance from the field to the end of its instruction: for a PC-relative field the
	 * address meant is symbol + addend + bias. 0 for absolute fields and data. */
	uint8_t bias;
};

/* Width in bytes of the field of a relocation type; 0: a type that we do not know. */
unsigned arch_rel_width(uint32_t type);

/* Is the field's value relative to its own place? */
bool arch_rel_is_pcrel(uint32_t type);

/*
 * May one and the same operand be written with either type? Assemblers differ in whether a call is
 * PC32 or PLT32, also by whether its target is global.
 */
bool arch_rel_same(uint32_t a, uint32_t b);

/* Does the field lead to a word of the linker's that holds the address (a GOT)? */
bool arch_rel_is_got(uint32_t type);

/*
 * The offset in a section that is meant by @off. _ASM_EXTABLE_EX() of kernels up to 4.5 adds
 * 0x7ffffff0 to the address of a fixup, which lies beyond any section (OBJECT_MAX_BYTES).
 */
int64_t arch_target_off(int64_t off);

/* "R_X86_64_PC32", for messages; "type N is unknown" forms are the caller's. NULL if unknown. */
const char *arch_rel_name(uint32_t type);

/**
 * arch_classify() - decode code linearly and say how each relocated field is used
 * @code: @len bytes that begin at an instruction
 * @rels: @n relocations of that code, ascending by offset
 * @ret:  room for @n
 *
 * Return: how many fields lie in no instruction that decodes (these get USE_DATA).
 */
size_t arch_classify(const uint8_t *code, size_t len, const struct obj_rel *rels, size_t n,
		     struct rel_use *ret);

#endif
