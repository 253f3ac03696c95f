/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function of 11 bytes against a handmade module that holds it, or does not quite. */
#include "test.h"

#include <elf.h>

#include "build/prove.h"
#include "elf/write.h"
#include "ko-fixture.h"

#define F_OFF      0x20
#define CALLEE_OFF 0x10

/* f: call callee; mov $0x11,%eax; ret */
static const uint8_t code[] = { 0xe8, 0, 0, 0, 0, 0xb8, 0x11, 0, 0, 0, 0xc3 };

/* Ours, as compiled with -ffunction-sections: every call has a relocation. */
static void write_object(struct buf *ret, bool local)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct out_symbol f = { .name = "f", .size = 11, .bind = STB_LOCAL, .type = STT_FUNC };
	struct out_symbol callee = {
		.name = "callee", .sec = OUT_NONE, .bind = STB_GLOBAL, .type = STT_NOTYPE
	};
	struct out_rela rela = { .off = 1, .type = R_X86_64_PLT32, .addend = -4 };
	const uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
	struct oak_error err;
	out_sym fs;

	EXPECT(elf_writer_new(&w, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.f", SHT_PROGBITS, flags, 16, &f.sec, &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, f.sec), code, sizeof(code)) == 0);
	EXPECT(elf_writer_symbol(w, &f, &fs, &err) == 0);
	if (local) {
		callee.bind = STB_LOCAL;
		callee.type = STT_FUNC;
		callee.size = 1;
		EXPECT(elf_writer_section(w, ".text.callee", SHT_PROGBITS, flags, 16, &callee.sec,
					  &err) == 0);
		EXPECT(buf_add(elf_writer_data(w, callee.sec), "\xc3", 1) == 0);
	}
	EXPECT(elf_writer_symbol(w, &callee, &rela.sym, &err) == 0);
	rela.sec = f.sec;
	EXPECT(elf_writer_rela(w, &rela, &err) == 0);
	EXPECT(elf_writer_finish(w, ret, &err) == 0);
}

/* How the shipped f says whom it calls. */
enum call {
	CALL_SYMBOL,   /* relocation against the undefined symbol "callee" */
	CALL_SECTION,  /* relocation against .text, the addend is the offset of "callee" */
	CALL_RESOLVED, /* no relocation: the assembler knew the distance */
	CALL_OTHER,    /* relocation against another symbol */
	CALL_BEYOND,   /* relocation against "callee", another addend */
	CALL_ABSOLUTE, /* relocation that is not relative to its place */
	CALL_TWO,      /* and one more relocation, in the next instruction */
};

static void write_module(struct buf *ret, enum call call, uint8_t imm)
{
	static const struct fixture_ko_rel rels[] = {
		[CALL_SYMBOL] = { ".text", F_OFF + 1, R_X86_64_PLT32, "callee", -4 },
		[CALL_SECTION] = { ".text", F_OFF + 1, R_X86_64_PC32, ".text", CALLEE_OFF - 4 },
		[CALL_RESOLVED] = { ".text", 0, R_X86_64_PC32, ".text", 0 },
		[CALL_OTHER] = { ".text", F_OFF + 1, R_X86_64_PLT32, "other", -4 },
		[CALL_BEYOND] = { ".text", F_OFF + 1, R_X86_64_PLT32, "callee", 0 },
		[CALL_ABSOLUTE] = { ".text", F_OFF + 1, R_X86_64_32S, "callee", 0 },
		[CALL_TWO] = { ".text", F_OFF + 6, R_X86_64_32S, "callee", 0 },
	};
	bool own = call == CALL_SECTION || call == CALL_RESOLVED;
	const struct fixture_ko_sym syms[] = {
		{ "f", ".text", F_OFF, 11, STB_LOCAL, STT_FUNC },
		{ "callee", own ? ".text" : NULL, own ? CALLEE_OFF : 0, own ? 1 : 0,
		  own ? STB_LOCAL : STB_GLOBAL, own ? STT_FUNC : STT_NOTYPE },
		{ "other", NULL, 0, 0, STB_GLOBAL, STT_NOTYPE },
	};
	struct fixture_ko_rel used[2] = { rels[call], rels[CALL_SYMBOL] };
	uint8_t text[0x40] = { 0 };
	int32_t distance = CALLEE_OFF - (F_OFF + 5);

	memcpy(text + F_OFF, code, sizeof(code));
	text[CALLEE_OFF] = 0xc3;
	text[F_OFF + 6] = imm;
	if (call == CALL_RESOLVED)
		memcpy(text + F_OFF + 1, &distance, sizeof(distance));
	fixture_ko(ret, &(struct fixture_ko){ .modinfo = "name=demo\n",
					      .text = text,
					      .text_len = sizeof(text),
					      .syms = syms,
					      .n_syms = 3,
					      .rels = used,
					      .n_rels = call == CALL_TWO ? 2 : 1 });
}

TEST(proof_compares_with_a_module)
{
	static const struct {
		const char *name;
		bool local; /* the callee is of our own object */
		enum call call;
		uint8_t imm;
		const char *why; /* NULL: identical */
	} cases[] = {
		{ "by symbol", false, CALL_SYMBOL, 0x11, NULL },
		{ "by section and offset", true, CALL_SECTION, 0x11, NULL },
		{ "by distance", true, CALL_RESOLVED, 0x11, NULL },
		{ "of another object of the module", false, CALL_SECTION, 0x11, NULL },
		{ "another constant", false, CALL_SYMBOL, 0x12, "bytes differ" },
		{ "another callee", false, CALL_OTHER, 0x11,
		  "a field leads elsewhere than to callee" },
		{ "into the callee", false, CALL_BEYOND, 0x11,
		  "a field leads elsewhere than to callee" },
		{ "another kind of field", false, CALL_ABSOLUTE, 0x11,
		  "a field is of another kind" },
		{ "a constant that is none", false, CALL_TWO, 0x11,
		  "a shipped relocation that we do not have" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf object = { 0 }, module = { 0 };
		_cleanup_(object_freep) struct obj *obj = NULL;
		_cleanup_(model_freep) struct model *model = NULL;
		_cleanup_(ko_freep) struct ko *ko = NULL;
		_cleanup_(proof_freep) struct proof *proof = NULL;
		struct oak_error err = { .code = OAK_OK };
		const struct proof_atom *a;
		struct shipped home;

		test_case = cases[i].name;
		write_object(&object, cases[i].local);
		write_module(&module, cases[i].call, cases[i].imm);
		EXPECT(object_read(object.data, object.len, "f.o", &obj, &err) == 0);
		EXPECT(model_build(obj, &model, &err) == 0);
		EXPECT(ko_parse(module.data, module.len, "demo.ko", &ko, &err) == 0);
		home = shipped_module(ko);
		EXPECT(prove_object(model, &home, &proof, &err) == 0);
		a = &proof->atoms[model_find_function(model, "f")];
		EXPECT(a->status == (cases[i].why ? PROOF_DIFFERS : PROOF_IDENTICAL));
		EXPECT_STR(a->differs_why, cases[i].why ? cases[i].why : "");
		if (!cases[i].why)
			EXPECT(ko_offset(a->addr) == F_OFF);
	}
}

/* g: mov $0x11,%eax; jmp callee, of another size in the shipped .text */
static const uint8_t tail[] = { 0xb8, 0x11, 0, 0, 0, 0xe9, 0, 0, 0, 0 };

static void write_tail_object(struct buf *ret)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct out_symbol g = { .name = "g", .size = 10, .bind = STB_LOCAL, .type = STT_FUNC };
	struct out_symbol callee = {
		.name = "callee", .size = 1, .bind = STB_LOCAL, .type = STT_FUNC
	};
	struct out_rela rela = { .off = 6, .type = R_X86_64_PLT32, .addend = -4 };
	const uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
	struct oak_error err;
	out_sym gs;

	EXPECT(elf_writer_new(&w, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.g", SHT_PROGBITS, flags, 16, &g.sec, &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, g.sec), tail, sizeof(tail)) == 0);
	EXPECT(elf_writer_symbol(w, &g, &gs, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.callee", SHT_PROGBITS, flags, 16, &callee.sec, &err) ==
	       0);
	EXPECT(buf_add(elf_writer_data(w, callee.sec), "\xc3", 1) == 0);
	EXPECT(elf_writer_symbol(w, &callee, &rela.sym, &err) == 0);
	rela.sec = g.sec;
	EXPECT(elf_writer_rela(w, &rela, &err) == 0);
	EXPECT(elf_writer_finish(w, ret, &err) == 0);
}

TEST(proof_accepts_a_short_jump_at_the_end)
{
	static const struct {
		const char *name;
		uint8_t end[2]; /* the shipped jump */
		enum proof_status want;
	} cases[] = {
		{ "to the callee", { 0xeb, (uint8_t)(CALLEE_OFF - (F_OFF + 7)) }, PROOF_IDENTICAL },
		{ "to its second byte",
		  { 0xeb, (uint8_t)(CALLEE_OFF + 1 - (F_OFF + 7)) },
		  PROOF_DIFFERS },
		{ "on a condition", { 0x74, (uint8_t)(CALLEE_OFF - (F_OFF + 7)) }, PROOF_DIFFERS },
	};
	static const struct fixture_ko_sym syms[] = {
		{ "callee", ".text", CALLEE_OFF, 1, STB_LOCAL, STT_FUNC },
		{ "g", ".text", F_OFF, 7, STB_LOCAL, STT_FUNC },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf object = { 0 }, module = { 0 };
		_cleanup_(object_freep) struct obj *obj = NULL;
		_cleanup_(model_freep) struct model *model = NULL;
		_cleanup_(ko_freep) struct ko *ko = NULL;
		_cleanup_(proof_freep) struct proof *proof = NULL;
		struct oak_error err = { .code = OAK_OK };
		uint8_t text[F_OFF + 7] = { 0 }; /* nothing follows */
		struct shipped home;

		test_case = cases[i].name;
		text[CALLEE_OFF] = 0xc3;
		memcpy(text + F_OFF, tail, 5);
		memcpy(text + F_OFF + 5, cases[i].end, 2);
		write_tail_object(&object);
		fixture_ko(&module, &(struct fixture_ko){ .modinfo = "name=demo\n",
							  .text = text,
							  .text_len = sizeof(text),
							  .syms = syms,
							  .n_syms = 2 });
		EXPECT(object_read(object.data, object.len, "g.o", &obj, &err) == 0);
		EXPECT(model_build(obj, &model, &err) == 0);
		EXPECT(ko_parse(module.data, module.len, "demo.ko", &ko, &err) == 0);
		home = shipped_module(ko);
		EXPECT(prove_object(model, &home, &proof, &err) == 0);
		EXPECT(proof->atoms[model_find_function(model, "g")].status == cases[i].want);
	}
}
