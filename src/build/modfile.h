/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modfile: a module's file as the kernel's loader meets it, read from its bytes alone.
 *
 * The self-check must not believe what the emitter believes, so this shares no code with the writer
 * and does not go through libelf either: it reads the headers as the loader does. Unlike the object
 * reader (elf/object.h) it knows that a section of a livepatch module has several relocation
 * sections, and that no field may be named by two of them.
 *
 * Source: gABI chapter 4; kernel/module/main.c (elf_validity_check, setup_load_info).
 */
#ifndef OAK_BUILD_MODFILE_H
#define OAK_BUILD_MODFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MODFILE_MAX_BYTES (64u << 20) /* a level holds some functions, not a kernel */

/* Ids are the file's own indexes; 0 means none. */
struct mod_sec {
	const char *name;
	const uint8_t *data; /* size bytes; NULL for SHT_NOBITS */
	uint64_t size, flags, align, entsize;
	uint32_t type, link, info;
};

struct mod_sym {
	const char *name;
	uint64_t value, size;
	uint32_t sec;   /* 0: @shndx is SHN_UNDEF, SHN_ABS or SHN_LIVEPATCH */
	uint16_t shndx; /* as in the file */
	uint8_t bind, type;
};

struct mod_rela {
	uint64_t off; /* in @sec */
	int64_t addend;
	uint32_t type, sym;
	uint32_t sec;    /* whose bytes are changed */
	uint32_t holder; /* the relocation section */
};

struct modfile {
	struct mod_sec *secs;
	struct mod_sym *syms;
	struct mod_rela *relas; /* ascending by sec, off; no two touch the same byte */
	uint32_t n_secs, n_syms, n_relas;
};

/**
 * modfile_read() - read a module's file
 * @data: its bytes, without signature; borrowed until modfile_free()
 *
 * Pure. Every index, offset and size that the result holds lies inside the file, every name ends in
 * it, every relocated field lies inside its section and is of a type that the kernel applies.
 *
 * Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-modfile.c.
 */
int modfile_read(const void *data, size_t len, struct modfile **ret, struct oak_error *err)
	_must_check_;
void modfile_free(struct modfile *f);
DEFINE_CLEANUP(struct modfile *, modfile_free)

/* The first section of this name; 0 for none. */
uint32_t modfile_section(const struct modfile *f, const char *name);

/* The relocation of the field that begins there; NULL for none. O(log n). */
const struct mod_rela *modfile_rela_at(const struct modfile *f, uint32_t sec, uint64_t off);

/* The text at an offset of a section; NULL where it does not end there. */
const char *modfile_text(const struct modfile *f, uint32_t sec, uint64_t off);

#endif
