/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: what a shipped kernel says about itself. The bytes of its functions, kallsyms, ftrace
 * sites, exports with their CRCs, struct layouts (BTF), build-id and banner, all from the ELF
 * inside vmlinuz: no symbol table, no debug package.
 *
 * A kimage is const once parsed: any number of readers may share it.
 */
#ifndef OAK_KERNEL_IMAGE_H
#define OAK_KERNEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct kimage; /* opaque */

/* An entry of kallsyms. Its id is its position: kallsyms is sorted by address, sympos counts
 * equal names in this order. */
struct ksym {
	uint64_t addr; /* link address, before KASLR; per-CPU symbols: the offset in the area */
	uint64_t size; /* bytes to the next higher address of any symbol; 0 for the last ones */
	const char *name;
	char type; /* as nm: 't' 'T' 'd' 'D' ... */
};

/* An entry of __ksymtab. */
struct kexport {
	uint64_t addr;
	const char *name;
	const char *ns; /* symbol namespace, "" for none */
	uint32_t crc;   /* 0 where has_crc is false */
	bool has_crc;
	bool gpl_only;
};

/**
 * kimage_parse() - read an unpacked x86-64 vmlinux
 * @elf: its bytes; borrowed until kimage_free()
 * @len: size of @elf in bytes
 * @ret: on success, owned by the caller; untouched on failure
 *
 * Pure: no I/O. Takes 0.1 s for Debian's 6.1 (94,101 symbols).
 *
 * Errors: OAK_E_FORMAT (not such an ELF, damaged), OAK_E_UNSUPPORTED (no kallsyms in a layout we
 * know), OAK_E_NOMEM. Missing BTF or exports are no error here, but of the getters.
 * Fuzzed by tests/fuzz/fuzz-kimage.c.
 */
int kimage_parse(const void *elf, size_t len, struct kimage **ret, struct oak_error *err)
	_must_check_;
void kimage_free(struct kimage *img); /* NULL is fine */
DEFINE_CLEANUP(struct kimage *, kimage_free)

const char *kimage_build_id(const struct kimage *img); /* lower-case hex; "" where there is none */
const char *kimage_banner(const struct kimage *img); /* "Linux version 6.1.0-50-amd64 (...", no \n */
const char *kimage_release(const struct kimage *img); /* "6.1.0-50-amd64", as uname -r */

size_t kimage_n_syms(const struct kimage *img);

/* Entry @id < kimage_n_syms(); its name is borrowed from @img. */
struct ksym kimage_sym(const struct kimage *img, size_t id);

/**
 * kimage_find() - all entries of one name
 * @ret_ids: their ids in kallsyms order, borrowed from @img; untouched where there are none
 *
 * So sympos of (*ret_ids)[i] is i + 1 (or 0 where the return is 1). O(log n).
 *
 * Return: how many.
 */
size_t kimage_find(const struct kimage *img, const char *name, const uint32_t **ret_ids);

/* Id of the first entry (of several at one address) at or below @addr; SIZE_MAX for none. */
size_t kimage_sym_at(const struct kimage *img, uint64_t addr);

/* @len file-backed bytes at a link address, borrowed from the ELF; NULL where there are none. */
const uint8_t *kimage_bytes(const struct kimage *img, uint64_t addr, size_t len);

/* Name of the section that holds @addr (NOBITS sections too), NULL for none. */
const char *kimage_section_at(const struct kimage *img, uint64_t addr);

/* Bounds of a section. Return: false where there is none of this name. */
bool kimage_section(const struct kimage *img, const char *name, uint64_t *ret_addr,
		    uint64_t *ret_size);

/* Does __mcount_loc list this very address (a function's __fentry__ call)? O(log n). */
bool kimage_is_ftrace_site(const struct kimage *img, uint64_t addr);

/* The first listed site in [addr, addr + len), 0 for none. */
uint64_t kimage_ftrace_site_in(const struct kimage *img, uint64_t addr, uint64_t len);

size_t kimage_n_ftrace_sites(const struct kimage *img);

/* Exported symbols, sorted by name; NULL where @name is not exported by vmlinux. */
const struct kexport *kimage_export(const struct kimage *img, const char *name);
const struct kexport *kimage_exports(const struct kimage *img, size_t *ret_n);

/**
 * kimage_struct_size() - sizeof(struct @name) in this kernel
 *
 * Errors: OAK_E_UNSUPPORTED (no BTF), OAK_E_NOTFOUND. The message names the struct.
 */
int kimage_struct_size(const struct kimage *img, const char *name, uint32_t *ret,
		       struct oak_error *err) _must_check_;

/* offsetof(struct @name, @member) in bytes; looks into anonymous members too. */
int kimage_member_offset(const struct kimage *img, const char *name, const char *member,
			 uint32_t *ret, struct oak_error *err) _must_check_;

#endif
