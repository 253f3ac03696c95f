/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-fixture: handmade kernels of a few hundred bytes: kallsyms in each layout, a BTF section,
 * an ELF image around them, a bzImage around that. Out of memory ends the program.
 */
#ifndef OAK_KERNEL_FIXTURE_H
#define OAK_KERNEL_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define FIXTURE_TEXT   0xffffffff81000000u
#define FIXTURE_RODATA 0xffffffff82000000u

struct fixture_sym {
	uint64_t addr; /* rising */
	char type;
	const char *name;
};

enum fixture_layout {
	FIXTURE_6_1,      /* offsets, base, num, names, markers, tokens */
	FIXTURE_6_1_SEQS, /* the same with seqs_of_names before the tokens (Debian's 6.1, 6.2) */
	FIXTURE_6_4,      /* num, names, markers, tokens, offsets, base, seqs */
};

struct fixture_kallsyms {
	enum fixture_layout layout;
	bool absolute_percpu; /* addresses below @base are absolute */
	uint64_t base;
	const struct fixture_sym *syms;
	size_t n;
};

/* Appends the tables at the next multiple of 8. */
void fixture_kallsyms(struct buf *b, const struct fixture_kallsyms *k);

/*
 * Appends a .BTF section that knows
 *	struct outer { int a; union { int b; struct { int pad; int c; }; }; int d:3, e:5; };  (20)
 *	struct module { char name[24]; ...; init at 0x138 }                                 (896)
 */
void fixture_btf(struct buf *b);

struct fixture_section {
	const char *name;
	uint32_t type, flags;
	uint64_t addr;
	const struct buf *data;
};

/* A linked ELF for x86-64 with these sections (at most 16). */
void fixture_elf(struct buf *b, const struct fixture_section *sections, size_t n);

/*
 * A whole kernel: "Linux version 6.1.0-1-amd64 (...)", build-id 00 01 .. 13, functions
 *	alpha (0x10 bytes, ftrace site at +0), twin, twin, beta (exported, CRC 0x11223344),
 *	gamma (exported for GPL, namespace "NS")
 * from FIXTURE_TEXT on, each 0x10 bytes.
 */
void fixture_image(struct buf *b);

enum fixture_compression {
	FIXTURE_NONE,
	FIXTURE_GZIP,
	FIXTURE_XZ,
	FIXTURE_ZSTD,
	FIXTURE_LZ4,
	FIXTURE_COMPRESSIONS
};

/* A bzImage of boot protocol 2.15 whose payload is @data, compressed, and its size appended. */
void fixture_bzimage(struct buf *b, enum fixture_compression c, const void *data, size_t len);

#endif
