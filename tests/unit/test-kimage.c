/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "kernel-fixture.h"
#include "kernel/image.h"

TEST(kimage_knows_itself)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	uint64_t addr = 0, size = 0;
	uint32_t off = 0;

	fixture_image(&elf);
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT_STR(kimage_build_id(img), "000102030405060708090a0b0c0d0e0f10111213");
	EXPECT_STR(kimage_banner(img), "Linux version 6.1.0-1-amd64 (me) (gcc-12 12.2.0) #1 SMP");
	EXPECT_STR(kimage_release(img), "6.1.0-1-amd64");
	EXPECT(kimage_n_syms(img) == 9);
	EXPECT(kimage_member_offset(img, "module", "init", &off, &err) == 0 && off == 0x138);
	EXPECT(kimage_struct_size(img, "module", &off, &err) == 0 && off == 896);
	EXPECT(kimage_section(img, ".text", &addr, &size) && addr == FIXTURE_TEXT && size == 0x50);
	EXPECT(!kimage_section(img, ".data", &addr, &size));
}

TEST(kimage_finds_symbols)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	const uint32_t *ids = NULL;
	struct ksym s;

	fixture_image(&elf);
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT(kimage_find(img, "twin", &ids) == 2 && ids[0] == 3 && ids[1] == 4);
	EXPECT(kimage_find(img, "triplet", &ids) == 0);
	s = kimage_sym(img, 2);
	EXPECT_STR(s.name, "alpha");
	EXPECT(s.addr == FIXTURE_TEXT && s.size == 0x10 && s.type == 'T');
	EXPECT(kimage_sym(img, 1).size == 0x10); /* an alias is as long */
	EXPECT(kimage_sym(img, 6).size == 0x10); /* the last one ends with its section */
	EXPECT(kimage_sym(img, 0).size != 0 && kimage_sym(img, 8).size == 0);
	EXPECT(kimage_sym_at(img, FIXTURE_TEXT) == 1);
	EXPECT(kimage_sym_at(img, FIXTURE_TEXT + 0xf) == 1);
	EXPECT(kimage_sym_at(img, FIXTURE_TEXT + 0x2f) == 4);
	EXPECT(kimage_sym_at(img, 0xf) == SIZE_MAX);
}

TEST(kimage_gives_bytes_of_the_file_only)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	const uint64_t bss = FIXTURE_RODATA + 0x500000;

	fixture_image(&elf);
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT(kimage_bytes(img, FIXTURE_TEXT + 0x12, 2)[1] == 0x13);
	EXPECT(kimage_bytes(img, FIXTURE_TEXT, 0x50) != NULL);
	EXPECT(kimage_bytes(img, FIXTURE_TEXT, 0x51) == NULL);
	EXPECT(kimage_bytes(img, FIXTURE_TEXT + 1, SIZE_MAX) == NULL);
	EXPECT(kimage_bytes(img, bss, 1) == NULL);
	EXPECT_STR(kimage_section_at(img, bss), ".bss");
	EXPECT_STR(kimage_section_at(img, FIXTURE_TEXT + 0x4f), ".text");
	EXPECT(kimage_section_at(img, FIXTURE_TEXT + 0x50) == NULL);
}

TEST(kimage_knows_ftrace_sites)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };

	fixture_image(&elf);
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT(kimage_n_ftrace_sites(img) == 1);
	EXPECT(kimage_is_ftrace_site(img, FIXTURE_TEXT));
	EXPECT(!kimage_is_ftrace_site(img, FIXTURE_TEXT + 1));
	EXPECT(kimage_ftrace_site_in(img, FIXTURE_TEXT - 8, 16) == FIXTURE_TEXT);
	EXPECT(kimage_ftrace_site_in(img, FIXTURE_TEXT - 8, 8) == 0);
}

TEST(kimage_knows_exports)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	const struct kexport *x;
	size_t n = 0;

	fixture_image(&elf);
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT(kimage_exports(img, &n) != NULL && n == 2);
	x = kimage_export(img, "beta");
	EXPECT(x && x->addr == FIXTURE_TEXT + 0x30 && x->crc == 0x11223344 && x->has_crc);
	EXPECT(!x->gpl_only);
	EXPECT_STR(x->ns, "");
	x = kimage_export(img, "gamma");
	EXPECT(x && x->addr == FIXTURE_TEXT + 0x40 && x->crc == 0x55667788 && x->gpl_only);
	EXPECT_STR(x->ns, "NS");
	EXPECT(kimage_export(img, "alpha") == NULL);
}

TEST(kimage_refuses_what_is_no_kernel)
{
	static const struct {
		const char *name, *find, *put; /* of equal length, replaced where first found */
		int want;
		const char *msg;
	} cases[] = {
		{ "no ELF", "\177ELF", "\177COM", -OAK_E_FORMAT, "not an ELF file" },
		{ "no .rodata", ".rodata", ".data__", -OAK_E_FORMAT,
		  "not a Linux kernel: no .rodata section" },
		{ "no banner", "Linux version", "Minix version", -OAK_E_FORMAT,
		  "not a Linux kernel: no version banner" },
		{ "no kallsyms", "Tsys_", "Tsys", -OAK_E_UNSUPPORTED,
		  "no kallsyms table: CONFIG_KALLSYMS is off, or its layout is unknown" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(kimage_freep) struct kimage *img = NULL;
		_cleanup_(buf_free) struct buf elf = { 0 };
		struct oak_error err = { .code = OAK_OK };
		const size_t len = strlen(cases[i].find);
		uint8_t *p;

		test_case = cases[i].name;
		fixture_image(&elf);
		p = memmem(elf.data, elf.len, cases[i].find, len);
		EXPECT(p != NULL);
		memcpy(p, cases[i].put, len);
		EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == cases[i].want);
		EXPECT_STR(err.msg, cases[i].msg);
	}
}

TEST(kimage_says_when_there_is_no_btf)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	uint32_t size = 0;
	uint8_t *p;

	fixture_image(&elf);
	p = memmem(elf.data, elf.len, ".BTF", 5);
	EXPECT(p != NULL);
	p[1] = 'X';
	EXPECT(kimage_parse(elf.data, elf.len, &img, &err) == 0);
	EXPECT(kimage_struct_size(img, "module", &size, &err) == -OAK_E_UNSUPPORTED);
	EXPECT_STR(err.msg,
		   "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF): struct layouts are unknown");
}

TEST(kimage_refuses_a_truncated_file)
{
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };

	fixture_image(&elf);
	for (size_t len = 0; len < elf.len; len += 97) {
		_cleanup_(kimage_freep) struct kimage *img = NULL;

		EXPECT(kimage_parse(elf.data, len, &img, &err) == -OAK_E_FORMAT);
		EXPECT(img == NULL);
	}
}
