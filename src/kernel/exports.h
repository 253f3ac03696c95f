/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exports: what vmlinux exports, from __ksymtab, __ksymtab_gpl and the CRCs beside them.
 * Source: include/linux/export.h, struct kernel_symbol with HAVE_ARCH_PREL32_RELOCATIONS: three
 * i32 (value, name, namespace), each relative to its own address.
 */
#ifndef OAK_KERNEL_EXPORTS_H
#define OAK_KERNEL_EXPORTS_H

#include <stddef.h>

#include "base/error.h"
#include "kernel/elf-image.h"
#include "kernel/image.h"

struct exports {
	struct kexport *v; /* sorted by name; strings are borrowed from the ELF bytes */
	size_t n;
};

/**
 * exports_parse() - both tables of an image
 *
 * An image without these sections has no exports, which is no error.
 *
 * Pure. Errors: OAK_E_FORMAT, OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-kimage.c.
 */
int exports_parse(const struct elf_image *elf, struct exports *ret, struct oak_error *err)
	_must_check_;
void exports_free(struct exports *e); /* zero is fine; also the guard */

const struct kexport *exports_find(const struct exports *e, const char *name);

#endif
