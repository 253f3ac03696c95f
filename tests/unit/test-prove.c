/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function of 11 bytes against a handmade kernel that holds it, or does not quite. */
#include "test.h"

#include <elf.h>

#include "build/link.h"
#include "build/prove.h"
#include "elf/write.h"
#include "kernel-fixture.h"

#define F_ADDR      FIXTURE_TEXT
#define FIRST_TWIN  (FIXTURE_TEXT + 0x10)
#define SECOND_TWIN (FIXTURE_TEXT + 0x20)
#define OTHER       (FIXTURE_TEXT + 0x30)

/* f: call twin; mov $0x11,%eax; ret */
static const uint8_t code[] = { 0xe8, 0, 0, 0, 0, 0xb8, 0x11, 0, 0, 0, 0xc3 };

static void write_object(struct buf *ret, const char *callee, uint8_t bind)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct out_symbol f = { .name = "f", .size = sizeof(code), .bind = bind, .type = STT_FUNC };
	struct out_symbol twin = { .name = callee, .sec = OUT_NONE, .bind = STB_GLOBAL };
	struct out_rela rela = { .off = 1, .type = R_X86_64_PLT32, .addend = -4 };
	struct oak_error err;
	out_sym fs;

	EXPECT(elf_writer_new(&w, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.f", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, &f.sec,
				  &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, f.sec), code, sizeof(code)) == 0);
	EXPECT(elf_writer_symbol(w, &f, &fs, &err) == 0);
	EXPECT(elf_writer_symbol(w, &twin, &rela.sym, &err) == 0);
	rela.sec = f.sec;
	EXPECT(elf_writer_rela(w, &rela, &err) == 0);
	EXPECT(elf_writer_finish(w, ret, &err) == 0);
}

/* The shipped f calls what lies at @callee and moves @imm. */
static void write_kernel(struct buf *ret, uint64_t callee, uint8_t imm)
{
	static const struct fixture_sym syms[] = {
		{ FIXTURE_TEXT, 'T', "_text" }, { F_ADDR, 't', "f" },
		{ FIRST_TWIN, 't', "twin" },    { SECOND_TWIN, 't', "twin" },
		{ OTHER, 't', "other" },        { OTHER + 0x10, 'T', "_etext" },
	};
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(buf_free) struct buf rodata = { 0 };
	const struct fixture_section s[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, FIXTURE_TEXT, &text },
		{ ".rodata", SHT_PROGBITS, SHF_ALLOC, FIXTURE_RODATA, &rodata },
	};
	uint32_t rel = (uint32_t)(callee - (F_ADDR + 5));

	EXPECT(buf_add_zero(&text, 0x50) == 0);
	memcpy(text.data, code, sizeof(code));
	memcpy(text.data + 1, &rel, sizeof(rel));
	text.data[6] = imm;
	EXPECT(buf_add(&rodata, "Linux version 6.1.0-1-test (me) (gcc-12 12.2.0) #1 SMP\n", 56) ==
	       0);
	fixture_kallsyms(&rodata, &(struct fixture_kallsyms){ .layout = FIXTURE_6_1,
							      .absolute_percpu = true,
							      .base = FIXTURE_TEXT,
							      .syms = syms,
							      .n = 6 });
	fixture_elf(ret, s, 2);
}

struct world {
	struct buf object, image;
	struct obj *obj;
	struct model *model;
	struct kimage *img;
	struct shipped home;
	struct proof *proof;
	atom_id f;
};

static void world_free(struct world *w)
{
	proof_free(w->proof);
	kimage_free(w->img);
	model_free(w->model);
	object_free(w->obj);
	buf_free(&w->object);
	buf_free(&w->image);
}

static void world_make(struct world *w, const char *callee, uint8_t bind, uint64_t target,
		       uint8_t imm)
{
	struct oak_error err = { .code = OAK_OK };

	write_object(&w->object, callee, bind);
	write_kernel(&w->image, target, imm);
	EXPECT(object_read(w->object.data, w->object.len, "f.o", &w->obj, &err) == 0);
	EXPECT(model_build(w->obj, &w->model, &err) == 0);
	EXPECT(kimage_parse(w->image.data, w->image.len, &w->img, &err) == 0);
	w->home = shipped_image(w->img);
	EXPECT(prove_object(w->model, &w->home, &w->proof, &err) == 0);
	w->f = model_find_function(w->model, "f");
	EXPECT(w->f != 0);
}

static sym_id find_symbol(const struct obj *o, const char *name)
{
	for (sym_id i = 1; i < o->n_syms; i++)
		if (strcmp(o->syms[i].name, name) == 0)
			return i;
	return 0;
}

TEST(proof_reads_the_right_twin_back)
{
	_cleanup_(world_free) struct world w = { 0 };

	world_make(&w, "twin", STB_GLOBAL, SECOND_TWIN, 0x11);
	EXPECT(w.proof->n_functions == 1 && w.proof->n_identical == 1);
	EXPECT(w.proof->atoms[w.f].status == PROOF_IDENTICAL);
	EXPECT(w.proof->atoms[w.f].addr == F_ADDR);
	EXPECT(w.proof->sym_addr[find_symbol(w.obj, "twin")] == SECOND_TWIN);
	EXPECT_STR(proof_likely_cause(w.model, w.proof, w.f), "");
}

TEST(proof_says_where_and_why_it_fails)
{
	static const struct {
		const char *name, *callee;
		uint8_t bind;
		uint64_t target;
		uint8_t imm;
		uint64_t at;
		const char *why, *cause;
	} cases[] = {
		{ "another constant", "twin", STB_GLOBAL, FIRST_TWIN, 0x12, 6, "bytes differ",
		  "another compiler, other flags or another source than the distribution used" },
		{ "another callee", "twin", STB_GLOBAL, OTHER, 0x11, 1,
		  "a field leads elsewhere than to twin",
		  "another compiler, other flags or another source than the distribution used" },
		{ "unknown callee", "nobody", STB_GLOBAL, OTHER, 0x11, 1,
		  "kallsyms does not know nobody",
		  "another compiler, other flags or another source than the distribution used" },
		{ "weak loser", "twin", STB_WEAK, FIRST_TWIN, 0x12, 6, "bytes differ",
		  "a weak default that lost the link to another definition" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(world_free) struct world w = { 0 };
		const struct proof_atom *a;

		test_case = cases[i].name;
		world_make(&w, cases[i].callee, cases[i].bind, cases[i].target, cases[i].imm);
		a = &w.proof->atoms[w.f];
		EXPECT(a->status == PROOF_DIFFERS);
		EXPECT(a->differs_at == cases[i].at);
		EXPECT_STR(a->differs_why, cases[i].why);
		EXPECT_STR(proof_likely_cause(w.model, w.proof, w.f), cases[i].cause);
	}
}

TEST(shipped_sympos_counts_as_the_kernel_does)
{
	_cleanup_(world_free) struct world w = { 0 };

	world_make(&w, "twin", STB_GLOBAL, FIRST_TWIN, 0x11);
	EXPECT(shipped_sympos(&w.home, "f", F_ADDR) == 0); /* unique: the kernel wants 0 */
	EXPECT(shipped_sympos(&w.home, "twin", FIRST_TWIN) == 1);
	EXPECT(shipped_sympos(&w.home, "twin", SECOND_TWIN) == 2);
	EXPECT(shipped_sympos(&w.home, "twin", OTHER) == -1);
	EXPECT(shipped_sympos(&w.home, "nobody", OTHER) == -1);
}

/* Two shipped functions "f": ours calls the second twin; the other begins alike, calls the first. */
static void write_two(struct buf *ret, bool same)
{
	static const struct fixture_sym syms[] = {
		{ FIXTURE_TEXT, 'T', "_text" },
		{ F_ADDR, 't', "f" },
		{ FIRST_TWIN, 't', "twin" },
		{ SECOND_TWIN, 't', "twin" },
		{ OTHER, 't', "f" },
		{ OTHER + 0x10, 'T', "_etext" },
	};
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(buf_free) struct buf rodata = { 0 };
	const struct fixture_section s[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, FIXTURE_TEXT, &text },
		{ ".rodata", SHT_PROGBITS, SHF_ALLOC, FIXTURE_RODATA, &rodata },
	};
	uint32_t ours = (uint32_t)(SECOND_TWIN - (F_ADDR + 5));
	uint32_t theirs = (uint32_t)((same ? SECOND_TWIN : FIRST_TWIN) - (OTHER + 5));

	EXPECT(buf_add_zero(&text, 0x50) == 0);
	memcpy(text.data, code, sizeof(code));
	memcpy(text.data + 1, &ours, sizeof(ours));
	memcpy(text.data + 0x30, code, sizeof(code));
	memcpy(text.data + 0x31, &theirs, sizeof(theirs));
	if (!same)
		text.data[0x36] = 0x99; /* it fails after its call was read back */
	EXPECT(buf_add(&rodata, "Linux version 6.1.0-1-test (me) (gcc-12 12.2.0) #1 SMP\n", 56) ==
	       0);
	fixture_kallsyms(&rodata, &(struct fixture_kallsyms){ .layout = FIXTURE_6_1,
							      .absolute_percpu = true,
							      .base = FIXTURE_TEXT,
							      .syms = syms,
							      .n = 6 });
	fixture_elf(ret, s, 2);
}

static void world_of_two(struct world *w, bool same)
{
	struct oak_error err = { .code = OAK_OK };

	write_object(&w->object, "twin", STB_GLOBAL);
	write_two(&w->image, same);
	EXPECT(object_read(w->object.data, w->object.len, "f.o", &w->obj, &err) == 0);
	EXPECT(model_build(w->obj, &w->model, &err) == 0);
	EXPECT(kimage_parse(w->image.data, w->image.len, &w->img, &err) == 0);
	w->home = shipped_image(w->img);
	EXPECT(prove_object(w->model, &w->home, &w->proof, &err) == 0);
	w->f = model_find_function(w->model, "f");
}

TEST(proof_takes_no_address_from_a_candidate_that_failed)
{
	_cleanup_(world_free) struct world w = { 0 };

	world_of_two(&w, false);
	EXPECT(w.proof->atoms[w.f].status == PROOF_IDENTICAL);
	EXPECT(w.proof->atoms[w.f].addr == F_ADDR);
	EXPECT(w.proof->sym_addr[find_symbol(w.obj, "twin")] == SECOND_TWIN);
}

TEST(proof_does_not_guess_between_two_that_fit)
{
	_cleanup_(world_free) struct world w = { 0 };

	world_of_two(&w, true);
	EXPECT(w.proof->n_ambiguous == 1 && w.proof->n_identical == 0);
	EXPECT(w.proof->atoms[w.f].addr == 0);
	EXPECT(w.proof->sym_addr[find_symbol(w.obj, "twin")] == 0);
	EXPECT_STR(proof_likely_cause(w.model, w.proof, w.f),
		   "several functions of this name have the same code");
}

/* f, and a local twin of @size bytes that are all zero, as both of the shipped twins are. */
static void write_own_twin(struct buf *ret, uint64_t size)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct out_symbol f = { .name = "f", .size = sizeof(code), .type = STT_FUNC };
	struct out_symbol twin = { .name = "twin", .size = size, .type = STT_FUNC };
	struct out_rela rela = { .off = 1, .type = R_X86_64_PLT32, .addend = -4 };
	const uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
	struct oak_error err;
	out_sym fs;

	EXPECT(elf_writer_new(&w, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.f", SHT_PROGBITS, flags, 16, &f.sec, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.twin", SHT_PROGBITS, flags, 16, &twin.sec, &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, f.sec), code, sizeof(code)) == 0);
	EXPECT(buf_add_zero(elf_writer_data(w, twin.sec), size) == 0);
	EXPECT(elf_writer_symbol(w, &f, &fs, &err) == 0);
	EXPECT(elf_writer_symbol(w, &twin, &rela.sym, &err) == 0);
	rela.sec = f.sec;
	EXPECT(elf_writer_rela(w, &rela, &err) == 0);
	EXPECT(elf_writer_finish(w, ret, &err) == 0);
}

/* The shipped f calls the second twin, and may move another constant than ours. */
static atom_id world_with_twin(struct world *w, uint64_t size, uint8_t imm)
{
	struct oak_error err = { .code = OAK_OK };

	write_own_twin(&w->object, size);
	write_kernel(&w->image, SECOND_TWIN, imm);
	EXPECT(object_read(w->object.data, w->object.len, "f.o", &w->obj, &err) == 0);
	EXPECT(model_build(w->obj, &w->model, &err) == 0);
	EXPECT(kimage_parse(w->image.data, w->image.len, &w->img, &err) == 0);
	w->home = shipped_image(w->img);
	EXPECT(prove_object(w->model, &w->home, &w->proof, &err) == 0);
	w->f = model_find_function(w->model, "f");
	return model_find_function(w->model, "twin");
}

TEST(proof_tells_twins_apart_by_who_calls_ours)
{
	_cleanup_(world_free) struct world w = { 0 };
	atom_id twin = world_with_twin(&w, 8, 0x11);

	EXPECT(w.proof->atoms[twin].status == PROOF_IDENTICAL);
	EXPECT(w.proof->atoms[twin].addr == SECOND_TWIN);
	EXPECT(w.proof->atoms[twin].read_back == SECOND_TWIN);
}

TEST(proof_believes_no_caller_that_is_not_proven)
{
	_cleanup_(world_free) struct world w = { 0 };
	atom_id twin = world_with_twin(&w, 8, 0x12);

	EXPECT(w.proof->atoms[w.f].status == PROOF_DIFFERS);
	EXPECT(w.proof->atoms[twin].status == PROOF_AMBIGUOUS);
	EXPECT(w.proof->atoms[twin].read_back == 0);
}

/* So long that the second twin would leave the image: only the first one fits, which is not ours. */
TEST(proof_does_not_take_the_only_one_that_fits_for_ours)
{
	_cleanup_(world_free) struct world w = { 0 };
	atom_id twin = world_with_twin(&w, 0x38, 0x11);

	EXPECT(w.proof->atoms[w.f].status == PROOF_IDENTICAL);
	EXPECT(w.proof->atoms[twin].status == PROOF_DIFFERS);
	EXPECT_STR(w.proof->atoms[twin].differs_why,
		   "proven code leads to another function of this name");
	EXPECT(w.proof->atoms[twin].read_back == SECOND_TWIN);
}
