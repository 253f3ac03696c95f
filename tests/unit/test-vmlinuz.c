/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "kernel-fixture.h"
#include "kernel/vmlinuz.h"

static void make_image(struct buf *elf)
{
	fixture_image(elf);
}

TEST(vmlinuz_unpacks_every_compression)
{
	static const char *const names[] = {
		[FIXTURE_NONE] = "none", [FIXTURE_GZIP] = "gzip", [FIXTURE_XZ] = "xz",
		[FIXTURE_ZSTD] = "zstd", [FIXTURE_LZ4] = "lz4",
	};
	_cleanup_(buf_free) struct buf elf = { 0 };

	make_image(&elf);
	for (int c = 0; c < FIXTURE_COMPRESSIONS; c++) {
		_cleanup_(buf_free) struct buf file = { 0 }, out = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = names[c];
		fixture_bzimage(&file, (enum fixture_compression)c, elf.data, elf.len);
		EXPECT(buf_add_str(&out, "before") == 0);
		EXPECT(vmlinuz_unpack(file.data, file.len, &out, &err) == 0);
		EXPECT(out.len == 6 + elf.len && memcmp(out.data + 6, elf.data, elf.len) == 0);
	}
}

TEST(vmlinuz_cuts_what_follows_the_elf)
{
	_cleanup_(buf_free) struct buf elf = { 0 }, file = { 0 }, out = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t len;

	make_image(&elf);
	len = elf.len;
	EXPECT(buf_add_str(&elf, "vmlinux.relocs: lists of addresses") == 0);
	fixture_bzimage(&file, FIXTURE_XZ, elf.data, elf.len);
	EXPECT(vmlinuz_unpack(file.data, file.len, &out, &err) == 0);
	EXPECT(out.len == len);
}

TEST(vmlinuz_accepts_an_elf_as_it_is)
{
	_cleanup_(buf_free) struct buf elf = { 0 }, out = { 0 };
	struct oak_error err = { .code = OAK_OK };

	make_image(&elf);
	EXPECT(vmlinuz_unpack(elf.data, elf.len, &out, &err) == 0);
	EXPECT(out.len == elf.len && memcmp(out.data, elf.data, elf.len) == 0);
}

static void expect_refused(const struct buf *file, int want, const char *msg)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vmlinuz_unpack(file->data, file->len, &out, &err) == want);
	EXPECT_STR(err.msg, msg);
}

TEST(vmlinuz_refuses_foreign_files)
{
	static const struct {
		const char *name, *bytes, *msg;
		size_t len;
	} cases[] = {
		{ "empty", "", "not an x86 kernel image: no boot header, and not an ELF file", 0 },
		{ "text", "#!/bin/sh\n",
		  "not an x86 kernel image: no boot header, and not an ELF file", 10 },
		{ "short ELF", "\177ELF\2\1\1", "truncated ELF file: 7 bytes", 7 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf file = { 0 };

		test_case = cases[i].name;
		EXPECT(buf_add(&file, cases[i].bytes, cases[i].len) == 0);
		if (cases[i].bytes[0] == '\177')
			expect_refused(&file, -OAK_E_FORMAT,
				       "the kernel inside: truncated ELF file: 7 bytes");
		else
			expect_refused(&file, -OAK_E_FORMAT, cases[i].msg);
	}
}

TEST(vmlinuz_names_what_is_truncated)
{
	_cleanup_(buf_free) struct buf elf = { 0 }, file = { 0 };

	make_image(&elf);
	fixture_bzimage(&file, FIXTURE_NONE, elf.data, 1000);
	expect_refused(&file, -OAK_E_FORMAT,
		       "the kernel inside: truncated ELF file: headers beyond byte 1004");
	file.len = 1500;
	expect_refused(&file, -OAK_E_FORMAT,
		       "truncated kernel image: 1500 bytes, its payload ends at 2044");
	file.len = 0x230;
	expect_refused(&file, -OAK_E_FORMAT,
		       "truncated kernel image: 560 bytes, not even the boot header");
}

TEST(vmlinuz_refuses_what_it_cannot_unpack)
{
	_cleanup_(buf_free) struct buf file = { 0 };
	const size_t payload = 1024 + 16;

	fixture_bzimage(&file, FIXTURE_XZ, "not an ELF file", 15);
	expect_refused(&file, -OAK_E_FORMAT, "the kernel inside: not an ELF file");
	file.data[payload + 14] ^= 0x40;
	expect_refused(&file, -OAK_E_FORMAT,
		       "the kernel inside: the compressed data is damaged or truncated");
	memcpy(file.data + payload, "BZh9", 4);
	expect_refused(&file, -OAK_E_UNSUPPORTED,
		       "the kernel inside: bzip2 and lzo are not supported; known are gzip, xz, "
		       "lzma, zstd and lz4");
	memcpy(file.data + payload, "what", 4);
	expect_refused(&file, -OAK_E_UNSUPPORTED, "the kernel inside: compressed in an unknown way");
	memcpy(file.data + 0x206, "\x05\x02", 2);
	expect_refused(&file, -OAK_E_UNSUPPORTED,
		       "boot protocol 2.05 is too old: 2.08 (Linux 2.6.26) is needed");
	memcpy(file.data + 0x206, "\x0f\x02", 2);
	memset(file.data + 0x24c, 0, 4);
	expect_refused(&file, -OAK_E_FORMAT,
		       "not an x86 kernel image: its boot header names no payload");
}
