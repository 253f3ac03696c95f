/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shipped: what the distribution shipped, as the proof reads it: bytes and names at addresses, and
 * where each relocated field leads. Of vmlinux that is the linked image; of a module its .ko, whose
 * addresses are made up (kernel/ko.h) and compare only with one another.
 *
 * To add another home of objects: one table of these functions in shipped.c.
 */
#ifndef OAK_BUILD_SHIPPED_H
#define OAK_BUILD_SHIPPED_H

#include "elf/model.h"
#include "kernel/image.h"
#include "kernel/ko.h"

struct shipped_ops;

struct shipped {
	const struct shipped_ops *ops;
	const void *of; /* borrowed: outlives the view */
};

struct shipped shipped_image(const struct kimage *img);
struct shipped shipped_module(const struct ko *ko);

/**
 * shipped_find() - all symbols of one name
 * @ret_ids: for shipped_addr(), in the order in which livepatch counts them; untouched for none
 *
 * Return: how many.
 */
size_t shipped_find(const struct shipped *s, const char *name, const uint32_t **ret_ids);
uint64_t shipped_addr(const struct shipped *s, uint32_t id);

/* Does a symbol of this name lie there? @ret_known: is there one of the name at all? */
bool shipped_name_is_at(const struct shipped *s, const char *name, uint64_t addr, bool *ret_known);

/* Bytes at an address, NULL where there are none. Relocated fields hold what the file holds. */
const uint8_t *shipped_bytes(const struct shipped *s, uint64_t addr, uint64_t len);

/**
 * shipped_target() - where a field leads to
 * @ref:   our own relocation of the same field
 * @field: its address
 * @ret:   the address of what @ref should name, if the shipped field has its addend
 *
 * Return: false where the shipped field cannot be of the same kind.
 */
bool shipped_target(const struct shipped *s, const struct ref *ref, uint64_t field, uint64_t *ret);

/* Is no byte of [addr, addr + len) known to be relocated? */
bool shipped_is_plain(const struct shipped *s, uint64_t addr, uint64_t len);

/* The first ftrace site in [addr, addr + len), 0 for none. */
uint64_t shipped_ftrace_site_in(const struct shipped *s, uint64_t addr, uint64_t len);

/* Name of the section that holds an address, NULL for none. */
const char *shipped_section_at(const struct shipped *s, uint64_t addr);

/**
 * shipped_sympos() - the position of the symbol at @addr among all of @name
 *
 * Return: 0 where the name is unique, -1 where livepatch could not find it by a position.
 */
int shipped_sympos(const struct shipped *s, const char *name, uint64_t addr);

#endif
