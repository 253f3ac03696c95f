/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "level-fixture.h"

#include <elf.h>
#include <linux/btf.h>

#include "elf/write.h"
#include "kernel-fixture.h"
#include "test.h"

#define F_ADDR       FIXTURE_TEXT
#define HIDDEN_FIRST (FIXTURE_TEXT + 0x40)
#define HIDDEN       (FIXTURE_TEXT + 0x50)
#define SHOWN        (FIXTURE_TEXT + 0x60)
#define FENTRY       (FIXTURE_TEXT + 0x70)
#define ENABLE       (FIXTURE_TEXT + 0x80)
#define THUNK        (FIXTURE_TEXT + 0x90)
#define TEXT_BYTES   0xa0
#define LAYOUT       (FIXTURE_RODATA + 0x600000)
#define SITES        (FIXTURE_RODATA + 0x400000)
#define EXPORTS      (FIXTURE_RODATA + 0x100000)
#define CRCS         (FIXTURE_RODATA + 0x200000)
#define STRINGS      (FIXTURE_RODATA + 0x300000)

static const uint8_t before[] = { 0xe8, 0, 0, 0, 0,    0xe8, 0, 0, 0, 0,   0xe8,
				  0,    0, 0, 0, 0xb8, 1,    0, 0, 0, 0xc3 };
static const uint8_t after[] = { 0xe8, 0, 0, 0,    0, 0x48, 0xc7, 0xc7, 0,    0, 0, 0, 0xe8, 0,
				 0,    0, 0, 0xe8, 0, 0,    0,    0,    0xb8, 2, 0, 0, 0,    0xc3 };

static void must(int r)
{
	EXPECT(r == 0);
}

/* Structures of the kernel, as far as anybody asks for them. */
static const struct fixture_struct {
	const char *name;
	uint32_t size;
	struct {
		const char *name;
		uint32_t off;
	} members[4]; /* name NULL: no more */
} structs[] = {
	{ "module", 256, { { "state", 0 }, { "name", 24 }, { "init", 80 }, { "exit", 200 } } },
	{ "klp_patch", 64, { { "mod", 0 }, { "objs", 8 }, { "replace", 16 } } },
	{ "klp_object", 96, { { "name", 0 }, { "funcs", 8 }, { "callbacks", 16 }, { "mod", 72 } } },
	{ "klp_func", 80, { { "old_name", 0 }, { "new_func", 8 }, { "old_sympos", 16 } } },
	{ "klp_callbacks",
	  32,
	  { { "pre_patch", 0 }, { "post_patch", 8 }, { "pre_unpatch", 16 }, { "post_unpatch", 24 } } },
};

static void put_word(struct buf *b, uint32_t v)
{
	must(buf_add(b, &v, sizeof(v)));
}

static uint32_t put_name(struct buf *names, const char *name)
{
	uint32_t at = (uint32_t)names->len;

	must(buf_add(names, name, strlen(name) + 1));
	return at;
}

static uint32_t n_members(const struct fixture_struct *s)
{
	uint32_t n = 0;

	while (n < 4 && s->members[n].name)
		n++;
	return n;
}

static void write_btf(struct buf *b)
{
	_cleanup_(buf_free) struct buf types = { 0 }, names = { 0 };
	struct btf_header head = { .magic = BTF_MAGIC,
				   .version = BTF_VERSION,
				   .hdr_len = sizeof(head) };

	must(buf_add_zero(&names, 1));
	put_word(&types, put_name(&names, "long"));
	put_word(&types, (uint32_t)BTF_KIND_INT << 24);
	put_word(&types, 8);
	put_word(&types, 64);
	for (size_t i = 0; i < sizeof(structs) / sizeof(structs[0]); i++) {
		const struct fixture_struct *s = &structs[i];

		put_word(&types, put_name(&names, s->name));
		put_word(&types, (uint32_t)BTF_KIND_STRUCT << 24 | n_members(s));
		put_word(&types, s->size);
		for (uint32_t k = 0; k < n_members(s); k++) {
			put_word(&types, put_name(&names, s->members[k].name));
			put_word(&types, 1);
			put_word(&types, s->members[k].off * 8);
		}
	}
	head.type_len = head.str_off = (uint32_t)types.len;
	head.str_len = (uint32_t)names.len;
	must(buf_add(b, &head, sizeof(head)));
	must(buf_add(b, types.data, types.len));
	must(buf_add(b, names.data, names.len));
}

struct exported {
	uint64_t addr;
	const char *name;
};

static void write_exports(struct buf *table, struct buf *crcs, struct buf *strings, bool thunk)
{
	static const struct exported exports[] = {
		{ FENTRY, "__fentry__" },        { ENABLE, "klp_enable_patch" },
		{ LAYOUT, "module_layout" },     { SHOWN, "shown" },
		{ THUNK, "__x86_return_thunk" },
	};

	must(buf_add_zero(strings, 1));
	for (size_t i = 0; i < sizeof(exports) / sizeof(exports[0]) - !thunk; i++) {
		uint64_t name = STRINGS + put_name(strings, exports[i].name);

		put_word(table, (uint32_t)(exports[i].addr - (EXPORTS + table->len)));
		put_word(table, (uint32_t)(name - (EXPORTS + table->len)));
		put_word(table, (uint32_t)(STRINGS - (EXPORTS + table->len)));
		put_word(crcs, 0x1000 + (uint32_t)i);
	}
}

static void put_call(struct buf *text, uint64_t at, uint64_t to)
{
	uint32_t rel = (uint32_t)(to - (FIXTURE_TEXT + at + 4));

	memcpy(text->data + at, &rel, sizeof(rel));
}

static void write_kernel(struct buf *ret, bool thunk)
{
	static const struct fixture_sym syms[] = {
		{ FIXTURE_TEXT, 'T', "_text" },
		{ F_ADDR, 't', "f" },
		{ HIDDEN_FIRST, 't', "hidden" },
		{ HIDDEN, 't', "hidden" },
		{ SHOWN, 'T', "shown" },
		{ FENTRY, 'T', "__fentry__" },
		{ ENABLE, 'T', "klp_enable_patch" },
		{ THUNK, 'T', "__x86_return_thunk" },
		{ FIXTURE_RODATA, 'r', "vermagic" },
		{ SITES, 'd', "__start_mcount_loc" },
		{ SITES + 8, 'd', "__stop_mcount_loc" },
		{ LAYOUT, 'T', "module_layout" },
	};
	static const uint64_t site = F_ADDR;
	_cleanup_(buf_free) struct buf text = { 0 }, rodata = { 0 }, btf = { 0 }, sites = { 0 };
	_cleanup_(buf_free) struct buf exports = { 0 }, crcs = { 0 }, strings = { 0 };
	const struct fixture_section s[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, FIXTURE_TEXT, &text },
		{ ".rodata", SHT_PROGBITS, SHF_ALLOC, FIXTURE_RODATA, &rodata },
		{ "__ksymtab", SHT_PROGBITS, SHF_ALLOC, EXPORTS, &exports },
		{ "__kcrctab", SHT_PROGBITS, SHF_ALLOC, CRCS, &crcs },
		{ "__ksymtab_strings", SHT_PROGBITS, SHF_ALLOC, STRINGS, &strings },
		{ ".BTF", SHT_PROGBITS, SHF_ALLOC, STRINGS + 0x2000, &btf },
		{ ".init.data", SHT_PROGBITS, SHF_ALLOC, SITES, &sites },
	};

	must(buf_add_zero(&text, TEXT_BYTES));
	memcpy(text.data, before, sizeof(before));
	put_call(&text, 1, FENTRY);
	put_call(&text, 6, HIDDEN);
	put_call(&text, 11, SHOWN);
	must(buf_add(&rodata, "6.1.0-1-test SMP mod_unload ", 29));
	must(buf_add(&rodata, "Linux version 6.1.0-1-test (me) (gcc-12 12.2.0) #1 SMP\n", 56));
	fixture_kallsyms(&rodata, &(struct fixture_kallsyms){ .layout = FIXTURE_6_1,
							      .absolute_percpu = true,
							      .base = FIXTURE_TEXT,
							      .syms = syms,
							      .n = sizeof(syms) / sizeof(syms[0]) });
	write_exports(&exports, &crcs, &strings, thunk);
	write_btf(&btf);
	must(buf_add(&sites, &site, sizeof(site)));
	fixture_elf(ret, s, sizeof(s) / sizeof(s[0]));
}

static out_sec add_section(struct elf_writer *w, const char *name, uint64_t flags, const void *data,
			   size_t len)
{
	struct oak_error err;
	out_sec sec = 0;

	must(elf_writer_section(w, name, SHT_PROGBITS, SHF_ALLOC | flags, 1, &sec, &err));
	must(buf_add(elf_writer_data(w, sec), data, len));
	return sec;
}

static out_sym add_symbol(struct elf_writer *w, const struct out_symbol *s)
{
	struct oak_error err;
	out_sym sym = 0;

	must(elf_writer_symbol(w, s, &sym, &err));
	return sym;
}

static void add_rela(struct elf_writer *w, const struct out_rela *rela)
{
	struct oak_error err;

	must(elf_writer_rela(w, rela, &err));
}

static void write_object(struct buf *ret, bool patched)
{
	static const char *const callees[] = { "__fentry__", "hidden", "shown" };
	const uint64_t at[] = { 1, patched ? 13 : 6, patched ? 18 : 11 };
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	const uint8_t *code = patched ? after : before;
	size_t len = patched ? sizeof(after) : sizeof(before);
	struct out_symbol f = { .name = "f", .size = len, .bind = STB_LOCAL, .type = STT_FUNC };
	struct oak_error err;
	out_sec sites;
	out_sym sym;

	must(elf_writer_new(&w, &err));
	f.sec = add_section(w, ".text.f", SHF_EXECINSTR, code, len);
	sites = add_section(w, "__mcount_loc", 0, &(const uint64_t){ 0 }, 8);
	sym = add_symbol(w, &f);
	add_rela(w, &(struct out_rela){ .sec = sites, .type = R_X86_64_64, .sym = sym });
	for (size_t i = 0; i < 3; i++) {
		sym = add_symbol(w, &(struct out_symbol){ .name = callees[i],
							  .sec = OUT_NONE,
							  .bind = STB_GLOBAL });
		add_rela(w, &(struct out_rela){ .sec = f.sec,
						.off = at[i],
						.type = R_X86_64_PLT32,
						.sym = sym,
						.addend = -4 });
	}
	if (patched) {
		out_sec text = add_section(w, ".rodata.text", 0, "text", 5);

		sym = add_symbol(w, &(struct out_symbol){ .name = "",
							  .sec = text,
							  .bind = STB_LOCAL,
							  .type = STT_SECTION });
		add_rela(w, &(struct out_rela){
				    .sec = f.sec, .off = 8, .type = R_X86_64_32S, .sym = sym });
	}
	must(elf_writer_finish(w, ret, &err));
}

void level_fixture_make(struct level_fixture *l, bool thunk)
{
	struct oak_error err = { .code = OAK_OK };

	write_kernel(&l->image, thunk);
	if (kimage_parse(l->image.data, l->image.len, &l->img, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(l->img);
	l->unit = (struct unit){ .object = "f.o", .home = shipped_image(l->img) };
	for (int i = 0; i < 2; i++) {
		write_object(&l->files[i], i);
		must(object_read(l->files[i].data, l->files[i].len, "f.o", &l->objs[i], &err));
		must(model_build(l->objs[i], &l->models[i], &err));
	}
	must(prove_object(l->models[0], &l->unit.home, &l->proof, &err));
	must(diff_run(l->models[0], l->models[1], &l->diff, &err));
	l->unit.orig = l->models[0];
	l->unit.patched = l->models[1];
	l->unit.diff = &l->diff;
	l->unit.proof = l->proof;
	l->in = (struct emit_input){ .units = &l->unit,
				     .n_units = 1,
				     .img = l->img,
				     .name = "oakum_1",
				     .description = "a test" };
}

void level_fixture_free(struct level_fixture *l)
{
	proof_free(l->proof);
	diff_free(&l->diff);
	for (int i = 0; i < 2; i++) {
		model_free(l->models[i]);
		object_free(l->objs[i]);
		buf_free(&l->files[i]);
	}
	kimage_free(l->img);
	buf_free(&l->image);
}
