/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selfcheck: would the kernel load this module, and would it then do what the proof says?
 *
 * The module is read again from its bytes (modfile.h). Then, in this order:
 *
 *	load      what the loader and livepatch look at: headers, modinfo, CRCs, struct module, the
 *	          klp structures reached as the kernel reaches them, names of relocation sections and
 *	          symbols, each symbol resolved by the kernel's own rule over kallsyms, each field's
 *	          width, range and the zeros that must stand in it. Needs the kernel alone.
 *	meaning   every byte of every loaded section is one that the fix asked for, at one place, and
 *	          every field of it leads where the compiled object, the proof and the shipped image
 *	          say. Each relocation is accounted for once and none is missing. Needs the compiled
 *	          objects, so it happens where the module is made.
 *
 * A module with any byte of its relocations changed fails (tests/unit/test-selfcheck.c).
 *
 * Source: kernel/module/main.c (elf_validity_check, check_modinfo, simplify_symbols,
 * apply_relocations); kernel/module/version.c; kernel/livepatch/core.c (klp_resolve_symbols,
 * klp_apply_section_relocs, klp_find_object_symbol, klp_init_patch); arch/x86/kernel/module.c.
 */
#ifndef OAK_BUILD_SELFCHECK_H
#define OAK_BUILD_SELFCHECK_H

#include "build/emit.h"

/* What the module is loaded into. All is borrowed. */
struct selfcheck_kernel {
	const struct kimage *img;
	/* The shipped module of a name, borrowed until the check is done; NULL for none. */
	const struct ko *(*module)(void *context, const char *name);
	void *context;
};

struct selfcheck_report {
	uint32_t objects, functions;
	uint32_t relocations; /* of these: */
	uint32_t late;        /* filled in when a patched module is there */
};

/**
 * selfcheck_load() - simulate the loading
 * @module: the file's bytes, without signature
 *
 * Errors: OAK_E_FAILED (the kernel would refuse it, or fall over it: the message says at what),
 * OAK_E_FORMAT (not a module), OAK_E_UNSUPPORTED (no BTF), OAK_E_NOMEM.
 */
int selfcheck_load(const struct buf *module, const struct selfcheck_kernel *k,
		   struct selfcheck_report *ret, struct oak_error *err) _must_check_;

/**
 * selfcheck_module() - load and meaning of a module that was just made
 * @in: what it was made of
 *
 * Errors: as selfcheck_load(), the message begins with "the module does not pass its self-check".
 */
int selfcheck_module(const struct buf *module, const struct emit_input *in, struct oak_error *err)
	_must_check_;

#endif
