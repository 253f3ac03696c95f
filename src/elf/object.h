/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object: a relocatable ELF file (ET_REL, x86-64) as plain arrays.
 *
 * Ids are the file's own indexes, so sec_id 0 and sym_id 0 mean "none". After object_read() the
 * object is const for ever: every later step reads it and writes side tables of its own.
 *
 * Source: System V ABI (gABI) chapter 4, x86-64 psABI 4.4.
 */
#ifndef OAK_ELF_OBJECT_H
#define OAK_ELF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define OBJECT_MAX_BYTES (256u << 20) /* the largest object of an x86-64 kernel build is ~20 MB */

/* Zeroed memory that one object may claim without a byte of file: a pass over it takes a moment
 * for each MiB. All of vmlinux 6.1.176-1 has 17 MiB. */
#define OBJECT_MAX_ZEROED (64u << 20)

typedef uint32_t sec_id;
typedef uint32_t sym_id;

struct obj_rel {
	uint64_t off; /* in the section that is relocated */
	uint32_t type;
	sym_id sym;
	int64_t addend;
};

struct obj_sec {
	const char *name;
	const uint8_t *data; /* size bytes; NULL for SHT_NOBITS */
	uint64_t size;
	uint64_t flags;
	uint64_t align;
	uint64_t entsize;
	uint32_t type;
	uint32_t link;
	uint32_t info;
	bool grouped;               /* member of a COMDAT group */
	uint32_t first_rel, n_rels; /* in obj.rels, ascending by off */
};

struct obj_sym {
	const char *name; /* "" where it has none */
	uint64_t value;   /* offset in its section */
	uint64_t size;
	sec_id sec;     /* 0: undefined, absolute or common; see shndx */
	uint32_t shndx; /* as in the file, extended indexes resolved */
	uint8_t bind;   /* STB_ */
	uint8_t type;   /* STT_ */
};

struct obj {
	uint8_t *file; /* what everything above points into */
	size_t file_len;
	struct obj_sec *secs;
	struct obj_sym *syms;
	struct obj_rel *rels;
	uint32_t n_secs, n_syms, n_rels; /* with the null entries */
};

/**
 * object_read() - parse a relocatable object
 * @data: the file's bytes; copied
 * @what: names the file in messages
 *
 * Pure. Every offset, index and size that the result holds was checked against the file.
 *
 * Errors: OAK_E_FORMAT (truncated, not ELF64 little-endian, not ET_REL, not x86-64, no or two
 * symbol tables, bad indexes), OAK_E_TOOLARGE (file, zeroed memory), OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-object.c.
 */
int object_read(const void *data, size_t len, const char *what, struct obj **ret,
		struct oak_error *err) _must_check_;

int object_open(const char *path, struct obj **ret, struct oak_error *err) _must_check_;

void object_free(struct obj *o);
DEFINE_CLEANUP(struct obj *, object_free)

static inline bool sec_is_code(const struct obj_sec *s)
{
	return s->flags & 0x4u; /* SHF_EXECINSTR */
}

#endif
