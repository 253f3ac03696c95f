/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's 6.1.0-50-amd64 = 6.1.176-1 from the author's store, where it was added; else skipped:
 * tests download nothing. Figures: measured once with independent tools.
 */
#include "test.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "kernel/image.h"
#include "kernel/store.h"
#include "kernel/tree.h"
#include "kernel/vmlinuz.h"

#define REFERENCE "debian:6.1.0-50-amd64=6.1.176-1"

struct real {
	struct kernel *k;
	struct mapping m;
	struct kimage *img;
};

static void real_close(struct real *r)
{
	kimage_free(r->img);
	mapping_close(&r->m);
	kernel_free(r->k);
}

/* Return: false where the store has it not; then the test has been marked as skipped. */
static bool real_open(struct real *r)
{
	struct oak_error err = { .code = OAK_OK };

	*r = (struct real){ 0 };
	if (kernel_open(REFERENCE, &r->k, &err) < 0) {
		print_message("%s: oakum-build kernel add " REFERENCE "\n", err.msg);
		skip();
		return false;
	}
	EXPECT(mapping_open(AT_FDCWD, r->k->vmlinux, &r->m, &err) == 0);
	EXPECT(kimage_parse(r->m.data, r->m.len, &r->img, &err) == 0);
	return true;
}

TEST(real_kernel_identity)
{
	_cleanup_(real_close) struct real r;

	if (!real_open(&r))
		return;
	EXPECT_STR(r.k->build_id, "06f8bde30046985060c60820f7a11515a33afb06");
	EXPECT_STR(kimage_build_id(r.img), r.k->build_id);
	EXPECT_STR(kimage_release(r.img), "6.1.0-50-amd64");
	EXPECT_CONTAINS(kimage_banner(r.img), "Debian 6.1.176-1 (");
	EXPECT_STR(r.k->compiler, "gcc-12");
	EXPECT_STR(r.k->compiler_banner, "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0");
}

TEST(real_kernel_symbols)
{
	_cleanup_(real_close) struct real r;
	const uint32_t *ids = NULL;
	size_t n_twins = 0;
	struct ksym s;

	if (!real_open(&r))
		return;
	EXPECT(kimage_n_syms(r.img) == 94101);
	for (size_t i = 0; i < kimage_n_syms(r.img); i++) {
		size_t n = kimage_find(r.img, kimage_sym(r.img, i).name, &ids);

		EXPECT(n > 0 && kimage_sym_at(r.img, kimage_sym(r.img, i).addr) <= i);
		n_twins += n > 1 && ids[0] == i;
	}
	EXPECT(n_twins == 1120);
	EXPECT(kimage_find(r.img, "syscall_trace_enter.constprop.0", &ids) == 1);
	s = kimage_sym(r.img, ids[0]);
	EXPECT(s.addr == 0xffffffff81145e40 && s.size == 400 && s.type == 't');
	EXPECT_STR(kimage_section_at(r.img, s.addr), ".text");
	EXPECT(kimage_n_ftrace_sites(r.img) == 40432);
	EXPECT(kimage_ftrace_site_in(r.img, s.addr, s.size) == s.addr);
	/* __fentry__ is called by e8, 4 bytes relative */
	EXPECT(kimage_bytes(r.img, s.addr, 5)[0] == 0xe8);
}

TEST(real_kernel_structs)
{
	static const struct {
		const char *name;
		uint32_t size;
	} sizes[] = {
		{ "module", 896 },         { "klp_patch", 200 },
		{ "klp_object", 168 },     { "klp_func", 152 },
		{ "klp_callbacks", 40 },   { "modversion_info", 64 },
		{ "alt_instr", 12 },       { "bug_entry", 12 },
		{ "jump_entry", 16 },      { "exception_table_entry", 12 },
		{ "orc_entry", 6 },        { "paravirt_patch_site", 16 },
		{ "static_call_site", 8 }, { "_ddebug", 56 },
		{ "tracepoint", 72 },
	};
	static const struct {
		const char *name;
		uint32_t off;
	} members[] = { { "name", 24 }, { "init", 0x138 }, { "exit", 0x350 } };
	_cleanup_(real_close) struct real r;
	struct oak_error err = { .code = OAK_OK };
	uint32_t v = 0;

	if (!real_open(&r))
		return;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		test_case = sizes[i].name;
		EXPECT(kimage_struct_size(r.img, sizes[i].name, &v, &err) == 0);
		EXPECT(v == sizes[i].size);
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		test_case = members[i].name;
		EXPECT(kimage_member_offset(r.img, "module", members[i].name, &v, &err) == 0);
		EXPECT(v == members[i].off);
	}
	EXPECT(kimage_struct_size(r.img, "pi_entry", &v, &err) == -OAK_E_NOTFOUND);
}

/* Every export with a CRC is in Module.symvers with that CRC, and there are no others. */
TEST(real_kernel_exports_agree_with_symvers)
{
	_cleanup_(real_close) struct real r;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t n = 0, seen = 0;
	char *line, *save = NULL;

	if (!real_open(&r))
		return;
	(void)kimage_exports(r.img, &n);
	EXPECT(file_read(AT_FDCWD, r.k->symvers, 16u << 20, &text, &err) == 0);
	for (line = strtok_r((char *)text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[256], where[256], kind[64], crc[16], want[16];
		const struct kexport *x;

		EXPECT(sscanf(line, "%15s %255s %255s %63s", crc, name, where, kind) == 4);
		if (strcmp(where, "vmlinux") != 0)
			continue;
		test_case = name;
		x = kimage_export(r.img, name);
		EXPECT(x != NULL);
		(void)snprintf(want, sizeof(want), "0x%08x", x->crc);
		EXPECT_STR(crc, want);
		EXPECT(x->gpl_only == (strcmp(kind, "EXPORT_SYMBOL_GPL") == 0));
		seen++;
	}
	EXPECT(seen == n && n == 10487);
}

TEST(real_kernel_unpacks_to_the_stored_image)
{
	_cleanup_(real_close) struct real r;
	_cleanup_(mapping_close) struct mapping packed = { 0 };
	_cleanup_(buf_free) struct buf elf = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (!real_open(&r))
		return;
	EXPECT(mapping_open(AT_FDCWD, r.k->vmlinuz, &packed, &err) == 0);
	EXPECT(vmlinuz_unpack(packed.data, packed.len, &elf, &err) == 0);
	EXPECT(elf.len == r.m.len && memcmp(elf.data, r.m.data, elf.len) == 0);
	EXPECT(tree_check(r.k->source, &err) == 0);
	/* Half a file, as an interrupted copy leaves it. */
	EXPECT(vmlinuz_unpack(packed.data, packed.len / 2, &elf, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "truncated kernel image: 4111328 bytes, its payload ends at 8120192");
}
