/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/device-program.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REGISTERS 11
#define STEPS_MAX 65536 /* the kernel lets no program run for ever; bytes from elsewhere may */

struct machine {
	uint64_t r[REGISTERS];
	const unsigned char *ask;
};

/* R1 is the context, a value that arithmetic could not make by chance: loads go through it alone. */
#define CONTEXT UINT64_C(0x6f616b0000000000)

static uint64_t arithmetic(unsigned op, uint64_t a, uint64_t b, unsigned bits, bool *known)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & (bits - 1));
	case BPF_RSH:
		return a >> (b & (bits - 1));
	case BPF_MOV:
		return b;
	default:
		*known = false;
		return 0;
	}
}

static bool compare(unsigned op, uint64_t a, uint64_t b, bool *known)
{
	switch (op) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		*known = false;
		return false;
	}
}

static bool load(struct machine *m, const struct bpf_insn *i)
{
	static const size_t sizes[] = {
		[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 0
	};
	size_t size = sizes[BPF_SIZE(i->code) >> 3];
	uint64_t value = 0;

	if (BPF_MODE(i->code) != BPF_MEM || !size || m->r[i->src_reg] != CONTEXT || i->off < 0 ||
	    (size_t)i->off + size > sizeof(struct bpf_cgroup_dev_ctx))
		return false;
	memcpy(&value, m->ask + i->off, size); /* x86-64, like the kernel: little-endian */
	m->r[i->dst_reg] = value;
	return true;
}

/* Arithmetic of 64 or 32 bits; an immediate is signed. */
static bool calculate(struct machine *m, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64, known = true;
	uint64_t a = m->r[i->dst_reg];
	uint64_t b = BPF_SRC(i->code) == BPF_X ? m->r[i->src_reg] : (uint64_t)(int64_t)i->imm;

	if (!wide) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	a = arithmetic(BPF_OP(i->code), a, b, wide ? 64 : 32, &known);
	m->r[i->dst_reg] = wide ? a : (uint32_t)a;
	return known;
}

static bool jumps(const struct machine *m, const struct bpf_insn *i, bool *known)
{
	bool wide = BPF_CLASS(i->code) == BPF_JMP;
	uint64_t a = m->r[i->dst_reg];
	uint64_t b = BPF_SRC(i->code) == BPF_X ? m->r[i->src_reg] : (uint64_t)(int64_t)i->imm;

	if (!wide && BPF_OP(i->code) == BPF_JA)
		*known = false; /* a later kind of jump */
	return wide ? compare(BPF_OP(i->code), a, b, known)
		    : compare(BPF_OP(i->code), (uint32_t)a, (uint32_t)b, known);
}

static bool is_jump(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32;
}

static bool is_arithmetic(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_ALU64 || BPF_CLASS(i->code) == BPF_ALU;
}

enum fact device_program_run(const struct bpf_insn *program, size_t n,
			     const struct bpf_cgroup_dev_ctx *ask)
{
	struct machine m = { .r = { [1] = CONTEXT }, .ask = (const unsigned char *)ask };
	size_t at = 0;

	for (int step = 0; step < STEPS_MAX && at < n; step++, at++) {
		const struct bpf_insn *i = &program[at];
		bool known = true;

		if (i->dst_reg >= REGISTERS || i->src_reg >= REGISTERS)
			return FACT_UNKNOWN;
		if (i->code == (BPF_JMP | BPF_EXIT))
			return m.r[0] & 1 ? FACT_YES : FACT_NO;
		if (is_arithmetic(i))
			known = calculate(&m, i);
		else if (BPF_CLASS(i->code) == BPF_LDX)
			known = load(&m, i);
		else if (!is_jump(i))
			known = false;
		else if (jumps(&m, i, &known)) {
			/* Unsigned: what leaves the program at its front leaves it at its end. */
			at += (size_t)(ptrdiff_t)i->off;
		}
		if (!known)
			return FACT_UNKNOWN;
	}
	return FACT_UNKNOWN;
}

#define ASK(type, access, major, minor)                                               \
	{                                                                             \
		(BPF_DEVCG_DEV_##type) | ((uint32_t)(access) << 16), (major), (minor) \
	}

enum fact device_program_allows_all(const struct bpf_insn *program, size_t n)
{
	enum {
		RW = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE
	};
	/* Disks of several kinds, /dev/mem, and majors that nothing has. */
	static const struct bpf_cgroup_dev_ctx asks[] = {
		ASK(BLOCK, RW, 8, 0),
		ASK(BLOCK, RW, 259, 1),
		ASK(BLOCK, RW, 4001, 17),
		ASK(CHAR, RW, 1, 1),
		ASK(CHAR, RW, 10, 232),
		ASK(CHAR, RW, 4001, 17),
		ASK(CHAR, BPF_DEVCG_ACC_MKNOD, 4001, 17),
	};

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		enum fact f = device_program_run(program, n, &asks[i]);

		if (f != FACT_YES)
			return f;
	}
	return FACT_YES;
}
