/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device-insns: BPF instructions by name, and programs of the kinds that engines write. */
#ifndef OAK_DEVICE_INSNS_H
#define OAK_DEVICE_INSNS_H

#include <linux/bpf.h>

#define INSN(op, dst, src, o, value)                                                         \
	{                                                                                    \
		.code = (op), .dst_reg = (dst), .src_reg = (src), .off = (o), .imm = (value) \
	}
#define LOAD(size, dst, offset) INSN(BPF_LDX | BPF_MEM | (size), dst, 1, offset, 0)
#define AND(dst, value)         INSN(BPF_ALU | BPF_AND | BPF_K, dst, 0, 0, value)
#define SHIFT(dst, value)       INSN(BPF_ALU | BPF_RSH | BPF_K, dst, 0, 0, value)
#define MOVE(dst, src)          INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, value)         INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define UNLESS(dst, value, off) INSN(BPF_JMP | BPF_JNE | BPF_K, dst, 0, off, value)
#define UNLESS_SAME(a, b, off)  INSN(BPF_JMP | BPF_JNE | BPF_X, a, b, off, 0)
#define LEAVE                   INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* R2 kind, R3 access, R4 major, R5 minor. */
#define READ_ASK                                                                               \
	LOAD(BPF_W, 2, 0), AND(2, 0xffff), LOAD(BPF_W, 3, 0), SHIFT(3, 16), LOAD(BPF_W, 4, 4), \
		LOAD(BPF_W, 5, 8)

/* Devices of a kind and a major, for some accesses. */
#define ALLOW(kind, access, major)                                                                 \
	UNLESS(2, kind, 6), MOVE(1, 3), AND(1, access), UNLESS_SAME(1, 3, 3), UNLESS(4, major, 2), \
		SET(0, 1), LEAVE

static const struct bpf_insn allow_all[] = { READ_ASK, SET(0, 1), LEAVE };
/* "c 1:* rwm" and "b 7:* r", as short lists are. */
static const struct bpf_insn allow_list[] = {
	READ_ASK, ALLOW(BPF_DEVCG_DEV_CHAR, 7, 1), ALLOW(BPF_DEVCG_DEV_BLOCK, 2, 7), SET(0, 0),
	LEAVE,
};

#endif
