/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The object reader and writer against each other, and against damage. */
#include "test.h"

#include <elf.h>

#include "elf/model.h"
#include "elf/object.h"
#include "elf/write.h"

/* f: call g; ret. One string, one variable, one bug entry. */
static void write_small(struct buf *ret)
{
	static const uint8_t code[] = { 0xe8, 0, 0, 0, 0, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xc3 };
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct out_symbol f = {
		.name = "f", .size = sizeof(code), .bind = STB_GLOBAL, .type = STT_FUNC
	};
	struct out_symbol g = {
		.name = "g", .sec = OUT_NONE, .shndx = SHN_UNDEF, .bind = STB_GLOBAL
	};
	struct out_symbol v = { .name = "v", .size = 4, .bind = STB_LOCAL, .type = STT_OBJECT };
	struct out_rela rela[4] = { { .off = 1, .type = R_X86_64_PLT32, .addend = -4 },
				    { .off = 8, .type = R_X86_64_PC32, .addend = -4 },
				    { .off = 0, .type = R_X86_64_PC32 },
				    { .off = 4, .type = R_X86_64_PC32 } };
	struct oak_error err;
	out_sec bug;
	out_sym fs, gs, vs;

	EXPECT(elf_writer_new(&w, &err) == 0);
	EXPECT(elf_writer_section(w, ".text.f", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, &f.sec,
				  &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, f.sec), code, sizeof(code)) == 0);
	EXPECT(elf_writer_section(w, ".data.v", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 4, &v.sec,
				  &err) == 0);
	EXPECT(buf_add(elf_writer_data(w, v.sec), "\1\0\0\0", 4) == 0);
	EXPECT(elf_writer_section(w, "__bug_table", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1, &bug,
				  &err) == 0);
	EXPECT(buf_add_zero(elf_writer_data(w, bug), 12) == 0);
	EXPECT(elf_writer_symbol(w, &f, &fs, &err) == 0);
	EXPECT(elf_writer_symbol(w, &g, &gs, &err) == 0);
	EXPECT(elf_writer_symbol(w, &v, &vs, &err) == 0);
	rela[0].sec = rela[1].sec = f.sec;
	rela[2].sec = rela[3].sec = bug;
	rela[0].sym = gs;
	rela[1].sym = rela[3].sym = vs;
	rela[2].sym = fs;
	for (size_t i = 0; i < 4; i++)
		EXPECT(elf_writer_rela(w, &rela[i], &err) == 0);
	EXPECT(elf_writer_finish(w, ret, &err) == 0);
}

TEST(object_reads_what_the_writer_wrote)
{
	_cleanup_(buf_free) struct buf b = { 0 }, again = { 0 };
	_cleanup_(object_freep) struct obj *o = NULL;
	struct oak_error err = { .code = OAK_OK };

	write_small(&b);
	write_small(&again);
	EXPECT(b.len == again.len && memcmp(b.data, again.data, b.len) == 0);
	EXPECT(object_read(b.data, b.len, "small.o", &o, &err) == 0);
	EXPECT(o->n_rels == 4);
	EXPECT(o->syms[1].bind == STB_LOCAL); /* locals first, whatever the order of the calls */
	EXPECT_STR(o->syms[1].name, "v");
}

TEST(model_cuts_atoms_and_binds_refs)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(object_freep) struct obj *o = NULL;
	_cleanup_(model_freep) struct model *m = NULL;
	struct oak_error err = { .code = OAK_OK };
	atom_id f;

	write_small(&b);
	EXPECT(object_read(b.data, b.len, "small.o", &o, &err) == 0);
	EXPECT(model_build(o, &m, &err) == 0);
	f = model_find_function(m, "f");
	EXPECT(f != 0);
	EXPECT(m->atoms[f].n_refs == 2);
	EXPECT(!atom_has_fentry(m, f));
	EXPECT(m->refs[m->atoms[f].first_ref].use == USE_CALL);
	EXPECT(m->refs[m->atoms[f].first_ref].to == 0);
	EXPECT(m->refs[m->atoms[f].first_ref].addend == 0); /* -4 was the way to the next insn */
	EXPECT(m->refs[m->atoms[f].first_ref + 1].use == USE_ADDR);
	EXPECT_STR(atom_name(m, m->refs[m->atoms[f].first_ref + 1].to), "v");
	EXPECT(m->atoms[f].n_entries == 1);
	EXPECT(m->atoms[m->entries[m->atoms[f].first_entry]].kind == ATOM_ENTRY);
}

TEST(object_read_refuses)
{
	static const struct {
		const char *name;
		size_t off;
		uint8_t value;
		const char *want_msg;
	} cases[] = {
		{ "no magic", 0, 'x', "x.o: not a usable object file: no ELF header" },
		{ "32 bits", EI_CLASS, ELFCLASS32, "x.o: not a usable object file: no ELF header" },
		{ "executable", 16, ET_EXEC,
		  "x.o: not a usable object file: not relocatable (ET_REL)" },
		{ "other machine", 18, EM_386, "x.o: machine 3 is not supported, only x86-64 (62)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err = { .code = OAK_OK };
		struct obj *o = NULL;

		test_case = cases[i].name;
		write_small(&b);
		b.data[cases[i].off] = cases[i].value;
		EXPECT(object_read(b.data, b.len, "x.o", &o, &err) < 0);
		EXPECT(o == NULL);
		if (i != 1) /* libelf decides how much of a wrong class it reads */
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

/* A few bytes of file must not cost seconds: found by the fuzzer. */
TEST(object_read_bounds_zeroed_memory)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct obj *o = NULL;
	Elf64_Ehdr eh;
	Elf64_Shdr sh;

	write_small(&b);
	memcpy(&eh, b.data, sizeof(eh));
	for (size_t i = 1; i < 3; i++) {
		memcpy(&sh, b.data + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		sh.sh_type = SHT_NOBITS;
		sh.sh_size = OBJECT_MAX_ZEROED / 2 + i;
		memcpy(b.data + eh.e_shoff + i * sizeof(sh), &sh, sizeof(sh));
	}
	EXPECT(object_read(b.data, b.len, "x.o", &o, &err) == -OAK_E_TOOLARGE);
	EXPECT(o == NULL);
	EXPECT_STR(err.msg, "x.o: claims more than 67108864 bytes of zeroed memory");
}

TEST(object_read_survives_truncation_anywhere)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	write_small(&b);
	for (size_t len = 0; len < b.len; len++) {
		_cleanup_(object_freep) struct obj *o = NULL;
		_cleanup_(model_freep) struct model *m = NULL;
		struct oak_error err;

		if (object_read(b.data, len, "cut.o", &o, &err) == 0)
			(void)!model_build(o, &m, &err);
	}
}
