/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write: a relocatable ELF file from sections, symbols and relocations in any order.
 *
 * The writer sorts local symbols first, collects relocations by the section they change and gives
 * libelf the layout. The same calls give the same bytes.
 */
#ifndef OAK_ELF_WRITE_H
#define OAK_ELF_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"

struct elf_writer; /* opaque */

typedef uint32_t out_sec; /* handles; not the final indexes */
typedef uint32_t out_sym;

#define OUT_NONE UINT32_MAX

struct out_symbol {
	const char *name; /* copied; "" for section symbols */
	out_sec sec;      /* OUT_NONE: @shndx holds, as SHN_UNDEF or SHN_LIVEPATCH */
	uint16_t shndx;
	uint64_t value, size;
	uint8_t bind, type;
};

struct out_rela {
	out_sec sec;
	uint64_t off;
	uint32_t type;
	out_sym sym;
	int64_t addend;
	/* Section that holds it: NULL for ".rela<section>", else "<prefix><section>" with @flags. */
	const char *prefix; /* static */
	uint64_t flags;
};

int elf_writer_new(struct elf_writer **ret, struct oak_error *err) _must_check_;
void elf_writer_free(struct elf_writer *w);
DEFINE_CLEANUP(struct elf_writer *, elf_writer_free)

/* The section of this name, made at the first call with these attributes; @align only grows. */
int elf_writer_section(struct elf_writer *w, const char *name, uint32_t type, uint64_t flags,
		       uint64_t align, out_sec *ret, struct oak_error *err) _must_check_;

/* Content of a section; of SHT_NOBITS only its length counts. Borrowed until the next section. */
struct buf *elf_writer_data(struct elf_writer *w, out_sec sec);

int elf_writer_symbol(struct elf_writer *w, const struct out_symbol *sym, out_sym *ret,
		      struct oak_error *err) _must_check_;
int elf_writer_rela(struct elf_writer *w, const struct out_rela *rela, struct oak_error *err)
	_must_check_;

/* SHA-256 over all names, contents and relocations so far: a build-id for what is being written. */
int elf_writer_hash(const struct elf_writer *w, char ret[SHA256_HEX_MAX], struct oak_error *err)
	_must_check_;

/* The file's bytes, appended. Errors: OAK_E_NOMEM, OAK_E_FAILED (libelf's own message). */
int elf_writer_finish(struct elf_writer *w, struct buf *ret, struct oak_error *err) _must_check_;

#endif
