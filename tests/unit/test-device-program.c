/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that decide on devices: run over what a container asks for. */
#include "device-insns.h"
#include "host/security/device-program.h"
#include "test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum fact ask(const struct bpf_insn *p, size_t n, uint32_t kind, uint32_t access,
		     uint32_t major)
{
	return device_program_run(p, n,
				  &(struct bpf_cgroup_dev_ctx){ kind | access << 16, major, 3 });
}

TEST(list_allows_what_is_in_it)
{
	static const struct {
		const char *what;
		uint32_t kind, access, major;
		enum fact want;
	} cases[] = {
		{ "/dev/null, to read and write", BPF_DEVCG_DEV_CHAR, 6, 1, FACT_YES },
		{ "/dev/null, to make", BPF_DEVCG_DEV_CHAR, 1, 1, FACT_YES },
		{ "a loop device, to read", BPF_DEVCG_DEV_BLOCK, 2, 7, FACT_YES },
		{ "a loop device, to write", BPF_DEVCG_DEV_BLOCK, 4, 7, FACT_NO },
		{ "a disk", BPF_DEVCG_DEV_BLOCK, 2, 8, FACT_NO },
		{ "a terminal", BPF_DEVCG_DEV_CHAR, 2, 5, FACT_NO },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		test_case = cases[i].what;
		EXPECT(ask(allow_list, COUNT(allow_list), cases[i].kind, cases[i].access,
			   cases[i].major) == cases[i].want);
	}
	EXPECT(device_program_allows_all(allow_list, COUNT(allow_list)) == FACT_NO);
}

TEST(program_that_allows_all)
{
	EXPECT(device_program_allows_all(allow_all, COUNT(allow_all)) == FACT_YES);
}

/* All but one disk is not all. */
TEST(program_that_denies_something)
{
	static const struct bpf_insn p[] = {
		READ_ASK, UNLESS(4, 8, 2), SET(0, 0), LEAVE, SET(0, 1), LEAVE,
	};

	EXPECT(device_program_allows_all(p, COUNT(p)) == FACT_NO);
}

TEST(parts_of_a_word)
{
	/* The kind is the word's lower half, the access its upper one. */
	static const struct bpf_insn p[] = {
		LOAD(BPF_H, 2, 0),
		LOAD(BPF_B, 3, 2),
		UNLESS(2, BPF_DEVCG_DEV_CHAR, 3),
		UNLESS(3, 6, 2),
		SET(0, 1),
		LEAVE,
		SET(0, 0),
		LEAVE,
	};

	EXPECT(ask(p, COUNT(p), BPF_DEVCG_DEV_CHAR, 6, 1) == FACT_YES);
	EXPECT(ask(p, COUNT(p), BPF_DEVCG_DEV_CHAR, 2, 1) == FACT_NO);
	EXPECT(ask(p, COUNT(p), BPF_DEVCG_DEV_BLOCK, 6, 1) == FACT_NO);
}

/* Arithmetic of 32 bits forgets the upper half; what the kernel tests of the result is its lowest bit. */
TEST(arithmetic)
{
	static const struct bpf_insn p[] = {
		SET(2, -1), MOVE(2, 2), INSN(BPF_ALU64 | BPF_RSH | BPF_K, 2, 0, 0, 31),
		MOVE(0, 2), LEAVE,
	};

	EXPECT(ask(p, COUNT(p), BPF_DEVCG_DEV_CHAR, 6, 1) == FACT_YES);
}

TEST(what_is_not_known_is_not_judged)
{
	static const struct bpf_insn programs[][4] = {
		{ INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 1), SET(0, 1), LEAVE },
		{ INSN(BPF_LD | BPF_IMM | BPF_DW, 2, 1, 0, 7), SET(0, 1), LEAVE },
		{ INSN(BPF_STX | BPF_MEM | BPF_W, 10, 1, -4, 0), SET(0, 1), LEAVE },
		{ INSN(BPF_ALU64 | BPF_DIV | BPF_K, 2, 0, 0, 0), SET(0, 1), LEAVE },
		{ INSN(BPF_JMP | BPF_JSGT | BPF_K, 2, 0, 0, 0), SET(0, 1), LEAVE },
		{ INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 1), SET(0, 1), LEAVE },
		{ LOAD(BPF_DW, 2, 0), SET(0, 1), LEAVE }, /* more than a word */
		{ LOAD(BPF_W, 2, 12), SET(0, 1), LEAVE }, /* behind the ask */
		{ LOAD(BPF_W, 2, -4), SET(0, 1), LEAVE }, /* before it */
		{ INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 3, 0, 0), SET(0, 1), LEAVE }, /* elsewhere */
		{ INSN(BPF_ALU64 | BPF_MOV | BPF_K, 12, 0, 0, 1), SET(0, 1), LEAVE },
		{ INSN(BPF_JMP | BPF_JA, 0, 0, -1, 0), SET(0, 1), LEAVE }, /* for ever */
		{ INSN(BPF_JMP | BPF_JA, 0, 0, -9, 0), SET(0, 1), LEAVE },
		{ INSN(BPF_JMP | BPF_JA, 0, 0, 99, 0), SET(0, 1), LEAVE },
		{ SET(0, 1), SET(0, 1), SET(0, 1), SET(0, 1) }, /* no end */
	};

	for (size_t i = 0; i < COUNT(programs); i++)
		EXPECT(ask(programs[i], 4, BPF_DEVCG_DEV_CHAR, 6, 1) == FACT_UNKNOWN);
	EXPECT(device_program_allows_all(allow_all, 0) == FACT_UNKNOWN);
}
