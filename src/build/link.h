/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: what each symbol that the module needs from the kernel is there, exactly.
 *
 * An exported symbol is an ordinary import with its CRC. Any other is a livepatch symbol: name
 * and sympos, the position among the symbols of that name in kallsyms. The address that the proof
 * read back decides between several; without one a name must be unique.
 *
 * Source: Documentation/livepatch/module-elf-format.rst; kernel/livepatch/core.c (klp_find_callback).
 */
#ifndef OAK_BUILD_LINK_H
#define OAK_BUILD_LINK_H

#include "build/diff.h"
#include "build/prove.h"
#include "kernel/image.h"

/* One source file of the fix: all that is known of it. */
struct unit {
	const char *object; /* "kernel/entry/common.o"; borrowed */
	const struct model *orig, *patched;
	const struct diff *diff;
	const struct proof *proof;
};

enum symbol_kind {
	SYMBOL_EXPORT, /* undefined symbol, resolved by the module loader */
	SYMBOL_KLP,    /* .klp.sym.vmlinux.<name>,<sympos> */
};

struct kernel_symbol {
	enum symbol_kind kind;
	const char *name; /* borrowed from a model */
	uint32_t sympos;  /* of SYMBOL_KLP: 0 where the name is unique */
	uint64_t addr;    /* link address, 0 where only the name is known */
	const struct kexport *export;
};

/**
 * link_resolve() - the kernel's symbol behind a ref whose link_of() is LINK_KERNEL
 * @ret:   on success the symbol
 * @f:     gets a finding where there is none; then the return is 1
 *
 * Return: 0, 1 (refused), or a negative code.
 */
int link_resolve(const struct unit *u, const struct kimage *img, const struct ref *ref,
		 struct kernel_symbol *ret, struct findings *f, struct oak_error *err) _must_check_;

/* sympos of the symbol at @addr among all of @name; -1 where none of that name lies there. */
int link_sympos(const struct kimage *img, const char *name, uint64_t addr);

/* All findings that need the kernel: unproven functions, symbols that cannot be resolved. */
int link_check(const struct unit *u, const struct kimage *img, struct findings *f,
	       struct oak_error *err) _must_check_;

#endif
