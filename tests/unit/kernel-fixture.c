/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel-fixture.h"

#include <elf.h>
#include <linux/btf.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/cleanup.h"

#define PACKED_MAX (1u << 20)

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put(struct buf *b, const void *data, size_t len)
{
	must(buf_add(b, data, len) == 0);
}

static void put16(struct buf *b, unsigned v)
{
	const uint8_t p[] = { (uint8_t)v, (uint8_t)(v >> 8) };

	put(b, p, sizeof(p));
}

static void put32(struct buf *b, uint64_t v)
{
	put16(b, (uint16_t)v);
	put16(b, (uint16_t)(v >> 16));
}

static void put64(struct buf *b, uint64_t v)
{
	put32(b, v);
	put32(b, v >> 32);
}

static void align8(struct buf *b)
{
	must(buf_align(b, 8) == 0);
}

/* Token i is the character i; others are pairs, and number 1 is what many names begin with. */
static void put_tokens(struct buf *b)
{
	_cleanup_(buf_free) struct buf index = { 0 };
	size_t start = b->len;

	for (unsigned i = 0; i < 256; i++) {
		char text[8] = { (char)('a' + i / 26), (char)('a' + i % 26) };

		if (i > ' ' && i < 127)
			memcpy(text, (char[]){ (char)i, '\0' }, 2);
		else if (i == 1)
			memcpy(text, "Tsys_", 6);
		put16(&index, (unsigned)(b->len - start));
		put(b, text, strlen(text) + 1);
	}
	align8(b);
	put(b, index.data, index.len);
}

/* One name as kallsyms stores it. */
static void put_name(struct buf *b, const struct fixture_sym *s)
{
	bool sys = s->type == 'T' && strncmp(s->name, "sys_", 4) == 0;
	size_t len = sys ? strlen(s->name) - 3 : strlen(s->name) + 1;
	uint8_t head[2] = { (uint8_t)(len & 0x7f), (uint8_t)(len >> 7) };

	if (len > 0x7f)
		head[0] |= 0x80;
	put(b, head, len > 0x7f ? 2 : 1);
	if (sys)
		put(b, "\x01", 1);
	else
		put(b, &s->type, 1);
	put(b, s->name + (sys ? 4 : 0), strlen(s->name) - (sys ? 4 : 0));
}

static void put_offsets(struct buf *b, const struct fixture_kallsyms *k)
{
	align8(b);
	for (size_t i = 0; i < k->n; i++) {
		uint64_t addr = k->syms[i].addr;

		if (!k->absolute_percpu)
			put32(b, addr - k->base);
		else
			put32(b, addr < k->base ? addr : k->base - 1 - addr);
	}
	align8(b);
	put64(b, k->base);
}

static void put_names(struct buf *b, const struct fixture_kallsyms *k)
{
	_cleanup_(buf_free) struct buf markers = { 0 };
	size_t start;

	align8(b);
	put32(b, k->n);
	align8(b);
	start = b->len;
	for (size_t i = 0; i < k->n; i++) {
		if (i % 256 == 0)
			put32(&markers, b->len - start);
		put_name(b, &k->syms[i]);
	}
	align8(b);
	put(b, markers.data, markers.len);
	align8(b);
}

/* What they hold does not matter to us, only that they are there. */
static void put_seqs(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(b, (uint8_t[]){ 0, (uint8_t)(i >> 8), (uint8_t)i }, 3);
	align8(b);
}

void fixture_kallsyms(struct buf *b, const struct fixture_kallsyms *k)
{
	align8(b);
	if (k->layout != FIXTURE_6_4)
		put_offsets(b, k);
	put_names(b, k);
	if (k->layout == FIXTURE_6_1_SEQS)
		put_seqs(b, k->n);
	put_tokens(b);
	if (k->layout == FIXTURE_6_4) {
		put_offsets(b, k);
		put_seqs(b, k->n);
	}
}

static void put_type(struct buf *b, uint32_t name, uint32_t info, uint32_t size)
{
	put32(b, name);
	put32(b, info);
	put32(b, size);
}

static void put_member(struct buf *b, uint32_t name, uint32_t type, uint32_t off)
{
	put_type(b, name, type, off);
}

static uint32_t info(uint32_t kind, uint32_t vlen, bool kflag)
{
	return (uint32_t)kflag << 31 | kind << 24 | vlen;
}

void fixture_btf(struct buf *b)
{
	/*                             1    5 7 9 11  15 17 19    25     32   37 */
	static const char strings[] = "\0int\0a\0b\0c\0pad\0d\0e\0outer\0module\0init\0name";
	_cleanup_(buf_free) struct buf t = { 0 };

	put_type(&t, 1, info(BTF_KIND_INT, 0, false), 4); /* 1: int */
	put32(&t, 32);
	put_type(&t, 0, info(BTF_KIND_STRUCT, 2, false), 8); /* 2: the inner struct */
	put_member(&t, 11, 1, 0);
	put_member(&t, 9, 1, 32);
	put_type(&t, 0, info(BTF_KIND_UNION, 2, false), 8); /* 3 */
	put_member(&t, 7, 1, 0);
	put_member(&t, 0, 2, 0);
	put_type(&t, 19, info(BTF_KIND_STRUCT, 4, true), 20); /* 4: outer */
	put_member(&t, 5, 1, 0);
	put_member(&t, 0, 3, 32);
	put_member(&t, 15, 1, 3u << 24 | 128);
	put_member(&t, 17, 1, 5u << 24 | 136);
	put_type(&t, 25, info(BTF_KIND_STRUCT, 2, false), 896); /* 5: module */
	put_member(&t, 37, 1, 24 * 8);
	put_member(&t, 32, 1, 0x138 * 8);
	put16(b, BTF_MAGIC);
	put16(b, BTF_VERSION);
	put32(b, sizeof(struct btf_header));
	put32(b, 0);
	put32(b, t.len);
	put32(b, t.len);
	put32(b, sizeof(strings));
	put(b, t.data, t.len);
	put(b, strings, sizeof(strings));
}

void fixture_elf(struct buf *b, const struct fixture_section *sections, size_t n)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_ehsize = sizeof(Elf64_Ehdr),
			  .e_shentsize = sizeof(Elf64_Shdr),
			  .e_shnum = (Elf64_Half)(n + 2),
			  .e_shstrndx = (Elf64_Half)(n + 1) };
	_cleanup_(buf_free) struct buf names = { 0 };
	Elf64_Shdr sh[18] = { 0 };
	size_t start = b->len;

	must(n <= 16);
	put(b, &eh, sizeof(eh));
	put(&names, "", 1);
	for (size_t i = 0; i < n; i++) {
		align8(b);
		sh[i + 1] = (Elf64_Shdr){ .sh_name = (Elf64_Word)names.len,
					  .sh_type = sections[i].type,
					  .sh_flags = sections[i].flags,
					  .sh_addr = sections[i].addr,
					  .sh_offset = b->len - start,
					  .sh_size = sections[i].data->len };
		put(&names, sections[i].name, strlen(sections[i].name) + 1);
		if (sections[i].type != SHT_NOBITS)
			put(b, sections[i].data->data, sections[i].data->len);
	}
	sh[n + 1] = (Elf64_Shdr){ .sh_name = (Elf64_Word)names.len,
				  .sh_type = SHT_STRTAB,
				  .sh_offset = b->len - start };
	put(&names, ".shstrtab", 10);
	sh[n + 1].sh_size = names.len;
	put(b, names.data, names.len);
	align8(b);
	eh.e_shoff = b->len - start;
	put(b, sh, (n + 2) * sizeof(sh[0]));
	memcpy(b->data + start, &eh, sizeof(eh));
}

static void put_export(struct buf *b, uint64_t table, uint64_t addr, uint64_t name, uint64_t ns)
{
	put32(b, addr - (table + b->len));
	put32(b, name - (table + b->len));
	put32(b, ns - (table + b->len));
}

void fixture_image(struct buf *b)
{
	static const struct fixture_sym syms[] = {
		{ 0x10, 'A', "percpu_thing" },
		{ FIXTURE_TEXT, 'T', "_text" },
		{ FIXTURE_TEXT, 'T', "alpha" },
		{ FIXTURE_TEXT + 0x10, 't', "twin" },
		{ FIXTURE_TEXT + 0x20, 't', "twin" },
		{ FIXTURE_TEXT + 0x30, 'T', "beta" },
		{ FIXTURE_TEXT + 0x40, 'T', "gamma" },
		{ FIXTURE_RODATA + 0x400000, 'd', "__start_mcount_loc" },
		{ FIXTURE_RODATA + 0x400008, 'd', "__stop_mcount_loc" },
	};
	static const char strings[] = "\0beta\0gamma\0NS";
	const uint64_t at_strings = FIXTURE_RODATA + 0x300000, at_tab = FIXTURE_RODATA + 0x100000;
	const uint64_t at_gpl = FIXTURE_RODATA + 0x200000;
	_cleanup_(buf_free) struct buf text = { 0 }, rodata = { 0 }, notes = { 0 }, btf = { 0 };
	_cleanup_(buf_free) struct buf tab = { 0 }, crc = { 0 }, gpl = { 0 }, gpl_crc = { 0 };
	_cleanup_(buf_free) struct buf str = { 0 }, sites = { 0 }, bss = { .len = 0x100 };

	for (unsigned i = 0; i < 0x50; i++)
		put(&text, &(uint8_t){ (uint8_t)i }, 1);
	put(&rodata, "%s version %s\n", 15);
	put(&rodata, "Linux version 6.1.0-1-amd64 (me) (gcc-12 12.2.0) #1 SMP\n", 57);
	fixture_kallsyms(&rodata, &(struct fixture_kallsyms){ .layout = FIXTURE_6_1_SEQS,
							      .absolute_percpu = true,
							      .base = FIXTURE_TEXT,
							      .syms = syms,
							      .n = 9 });
	put_type(&notes, 4, 20, NT_GNU_BUILD_ID);
	put(&notes, "GNU", 4);
	for (uint8_t i = 0; i < 20; i++)
		put(&notes, &i, 1);
	fixture_btf(&btf);
	put_export(&tab, at_tab, FIXTURE_TEXT + 0x30, at_strings + 1, at_strings);
	put32(&crc, 0x11223344);
	put_export(&gpl, at_gpl, FIXTURE_TEXT + 0x40, at_strings + 6, at_strings + 12);
	put32(&gpl_crc, 0x55667788);
	put(&str, strings, sizeof(strings));
	put64(&sites, FIXTURE_TEXT);

	const struct fixture_section s[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, FIXTURE_TEXT, &text },
		{ ".rodata", SHT_PROGBITS, SHF_ALLOC, FIXTURE_RODATA, &rodata },
		{ "__ksymtab", SHT_PROGBITS, SHF_ALLOC, at_tab, &tab },
		{ "__ksymtab_gpl", SHT_PROGBITS, SHF_ALLOC, at_gpl, &gpl },
		{ "__kcrctab", SHT_PROGBITS, SHF_ALLOC, at_tab + 0x1000, &crc },
		{ "__kcrctab_gpl", SHT_PROGBITS, SHF_ALLOC, at_gpl + 0x1000, &gpl_crc },
		{ "__ksymtab_strings", SHT_PROGBITS, SHF_ALLOC, at_strings, &str },
		{ ".notes", SHT_NOTE, SHF_ALLOC, at_strings + 0x1000, &notes },
		{ ".BTF", SHT_PROGBITS, SHF_ALLOC, at_strings + 0x2000, &btf },
		{ ".init.data", SHT_PROGBITS, SHF_ALLOC, FIXTURE_RODATA + 0x400000, &sites },
		{ ".bss", SHT_NOBITS, SHF_ALLOC, FIXTURE_RODATA + 0x500000, &bss },
	};
	fixture_elf(b, s, sizeof(s) / sizeof(s[0]));
}

static size_t pack_gzip(const void *data, size_t len, uint8_t *ret)
{
	z_stream z = { .avail_in = (uInt)len, .next_out = ret, .avail_out = PACKED_MAX };

	z.next_in = (Bytef *)(uintptr_t)data;
	must(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	(void)deflateEnd(&z);
	return PACKED_MAX - z.avail_out;
}

static size_t pack_xz(const void *data, size_t len, uint8_t *ret)
{
	size_t n = 0;

	must(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, data, len, ret, &n, PACKED_MAX) ==
	     LZMA_OK);
	return n;
}

static size_t pack_zstd(const void *data, size_t len, uint8_t *ret)
{
	size_t n = ZSTD_compress(ret, PACKED_MAX, data, len, 3);

	must(!ZSTD_isError(n));
	return n;
}

static size_t pack_lz4(const void *data, size_t len, uint8_t *ret)
{
	static const uint8_t magic[] = { 0x02, 0x21, 0x4c, 0x18 };
	int n = LZ4_compress_default(data, (char *)ret + 8, (int)len, PACKED_MAX - 8);

	must(n > 0);
	memcpy(ret, magic, 4);
	for (int i = 0; i < 4; i++)
		ret[4 + i] = (uint8_t)(n >> 8 * i);
	return (size_t)n + 8;
}

static size_t pack_none(const void *data, size_t len, uint8_t *ret)
{
	must(len <= PACKED_MAX);
	memcpy(ret, data, len);
	return len;
}

void fixture_bzimage(struct buf *b, enum fixture_compression c, const void *data, size_t len)
{
	static size_t (*const pack[])(const void *data, size_t len, uint8_t *ret) = {
		[FIXTURE_NONE] = pack_none, [FIXTURE_GZIP] = pack_gzip, [FIXTURE_XZ] = pack_xz,
		[FIXTURE_ZSTD] = pack_zstd, [FIXTURE_LZ4] = pack_lz4,
	};
	_cleanup_(freep) uint8_t *packed = malloc(PACKED_MAX);
	_cleanup_(buf_free) struct buf head = { 0 };
	size_t n;

	must(packed && buf_add_zero(&head, (size_t)2 * 512) == 0);
	n = pack[c](data, len, packed);
	head.data[0x1f1] = 1; /* one setup sector behind the boot sector */
	memcpy(head.data + 0x1fe, "\x55\xaa", 2);
	memcpy(head.data + 0x202, "HdrS\x0f\x02", 6);
	head.data[0x248] = 16; /* payload_offset */
	for (size_t i = 0; i < 4; i++)
		head.data[0x24c + i] = (uint8_t)((n + 4) >> 8 * i);
	put(b, head.data, head.len);
	put(b, "some start code.", 16);
	put(b, packed, n);
	put32(b, len);
	put(b, "signature", 9);
}
