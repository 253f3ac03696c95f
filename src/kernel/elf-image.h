/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf-image: the sections of a linked x86-64 ELF (vmlinux), found by name or by address.
 *
 * A linked image has addresses and no relocations, unlike the objects of src/elf/.
 */
#ifndef OAK_KERNEL_ELF_IMAGE_H
#define OAK_KERNEL_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct elf_section {
	const char *name; /* borrowed from the ELF bytes */
	uint64_t addr;
	uint64_t size;
	const uint8_t *data; /* @size bytes; NULL where the file has none (NOBITS) */
	bool alloc;          /* has a place in memory */
};

struct elf_image {
	const uint8_t *data;
	size_t len;
	struct elf_section *sections;
	size_t n_sections;
};

/**
 * elf_image_parse() - read headers and section table
 * @data: borrowed until elf_image_free()
 * @ret:  filled on success; untouched on failure
 *
 * Pure. Errors: OAK_E_FORMAT (not an ELF for x86-64, truncated, damaged), OAK_E_NOMEM.
 * Source: System V ABI, chapter 4. Fuzzed by tests/fuzz/fuzz-elf-image.c.
 */
int elf_image_parse(const void *data, size_t len, struct elf_image *ret, struct oak_error *err)
	_must_check_;
void elf_image_free(struct elf_image *img); /* zero is fine; also the guard */

/**
 * elf_image_end() - where the ELF ends in a longer buffer
 * @ret: offset of the byte after the last header, section or segment
 *
 * Errors: as elf_image_parse(); a part that lies beyond @len is OAK_E_FORMAT ("truncated").
 */
int elf_image_end(const void *data, size_t len, size_t *ret, struct oak_error *err) _must_check_;

/* NULL where there is none. */
const struct elf_section *elf_image_section(const struct elf_image *img, const char *name);

/* The section in memory that holds @addr, or NULL. */
const struct elf_section *elf_image_section_at(const struct elf_image *img, uint64_t addr);

/* @len file-backed bytes at @addr within one section, or NULL. */
const uint8_t *elf_image_bytes(const struct elf_image *img, uint64_t addr, uint64_t len);

/* A NUL-terminated string at @addr within one section, or NULL. */
const char *elf_image_string(const struct elf_image *img, uint64_t addr);

#endif
