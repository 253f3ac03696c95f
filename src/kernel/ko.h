/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ko: what a shipped module says about itself: the bytes of its functions and where each of their
 * relocated fields leads, its symbols in the order in which the running kernel will count them,
 * ftrace sites, exports, modinfo.
 *
 * A .ko is a relocatable object (ld -r of the module's objects, symbols kept, a signature after its
 * end), so nothing in it has an address yet. To read it as one reads a linked image, each section
 * and each undefined symbol gets a made-up address, KO_SPACE apart, so that no offset or addend can
 * lead from one into another. These addresses mean nothing outside of this file's functions.
 *
 * Source: gABI chapter 4; kernel/module/kallsyms.c (layout_symtab, add_kallsyms: which symbols stay
 * and in which order); kernel/module/main.c (module_init_section); include/linux/export.h.
 */
#ifndef OAK_KERNEL_KO_H
#define OAK_KERNEL_KO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KO_SPACE ((uint64_t)1 << 33) /* more than any 32-bit addend */

struct ko; /* opaque, const once parsed */

/* An entry of .symtab. Its id is its position there. */
struct ko_sym {
	const char *name;
	uint64_t addr; /* made up; 0 for absolute symbols, which lie nowhere */
	uint64_t size;
	bool defined;
	bool global; /* or weak */
};

/**
 * ko_parse() - read a shipped module
 * @data: its bytes, signature included; copied
 * @what: names the file in messages
 *
 * Pure. Errors: OAK_E_FORMAT (not a relocatable object, not a module), OAK_E_TOOLARGE, OAK_E_NOMEM.
 * Fuzzed by tests/fuzz/fuzz-ko.c.
 */
int ko_parse(const void *data, size_t len, const char *what, struct ko **ret, struct oak_error *err)
	_must_check_;
int ko_open(const char *path, struct ko **ret, struct oak_error *err) _must_check_;
void ko_free(struct ko *ko);
DEFINE_CLEANUP(struct ko *, ko_free)

/* The name that the kernel knows it by ("br_netfilter"), from .modinfo. */
const char *ko_name(const struct ko *ko);

/**
 * ko_modinfo() - a value of .modinfo
 *
 * Return: the first value of @key, NULL where it has none; borrowed.
 */
const char *ko_modinfo(const struct ko *ko, const char *key);

/**
 * ko_build_id() - the GNU build-id, as /sys/module/<name>/notes shows it once loaded
 * @ret: lower-case hexadecimal; "" where it has none of 20 bytes
 */
#define KO_BUILD_ID_HEX 41
void ko_build_id(const struct ko *ko, char ret[KO_BUILD_ID_HEX]);

size_t ko_n_syms(const struct ko *ko);
struct ko_sym ko_sym(const struct ko *ko, uint32_t id);

/* All symbols of one name, in .symtab's order; as kimage_find(). O(log n). */
size_t ko_find(const struct ko *ko, const char *name, const uint32_t **ret_ids);

/**
 * ko_sympos() - the position by which livepatch finds a symbol of this module
 *
 * While the module is loading the kernel counts all its symbols, later only those that outlive its
 * startup. A level may meet the module at either time, so both counts must agree.
 *
 * Return: 0 where the name is unique, its position from 1 on among several, -1 where no symbol of
 * the name stays at @addr or the two counts differ.
 */
int ko_sympos(const struct ko *ko, const char *name, uint64_t addr);

/* @len bytes of one section, NULL where there are none; relocated fields read as in the file. */
const uint8_t *ko_bytes(const struct ko *ko, uint64_t addr, size_t len);

/* Name of the section that holds @addr, NULL for none (an undefined symbol's address, too). */
const char *ko_section_at(const struct ko *ko, uint64_t addr);

/* Offset of @addr in its section; 0 for the address of an undefined symbol. */
uint64_t ko_offset(uint64_t addr);

/* A relocation of the file, with its target as an address. */
struct ko_rel {
	uint64_t at; /* address of the field */
	uint32_t type;
	uint64_t target; /* symbol + addend as in the file; 0: an absolute symbol */
};

/* The first relocated field that begins in [addr, addr + len). Return: false for none. O(log n). */
bool ko_relocation_in(const struct ko *ko, uint64_t addr, uint64_t len, struct ko_rel *ret);

/* The first ftrace site in [addr, addr + len), 0 for none. O(log n). */
uint64_t ko_ftrace_site_in(const struct ko *ko, uint64_t addr, uint64_t len);

/* Does the module export this symbol to others? */
bool ko_exports(const struct ko *ko, const char *name);

#endif
