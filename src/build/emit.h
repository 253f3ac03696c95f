/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit: a livepatch module of the atoms that the fix needs, written directly: no kernel build, no
 * modpost.
 *
 *	.text .rodata .data .bss   the atoms; special entries in sections of their own names
 *	.klp.rela.vmlinux.<sec>    relocations against symbols that the kernel does not export
 *	.klp.rela.<module>.<sec>   those that the kernel resolves when a patched module comes
 *	.data (klp structures)     one klp_patch, replace = true; one klp_object each for vmlinux
 *	                           (where functions of it are replaced) and for each module
 *	.init.text .exit.text      klp_enable_patch(&patch); nothing
 *	__versions .modinfo .gnu.linkonce.this_module
 *
 * Struct layouts come from the kernel's own BTF, CRCs from its own __kcrctab, vermagic from its
 * own text. The same input gives the same bytes.
 *
 * Source: Documentation/livepatch/{livepatch,module-elf-format}.rst; kernel/module/main.c
 * (setup_load_info, check_modinfo, check_version); include/linux/livepatch.h.
 */
#ifndef OAK_BUILD_EMIT_H
#define OAK_BUILD_EMIT_H

#include "base/buf.h"
#include "build/link.h"

struct emit_input {
	const struct unit *units;
	size_t n_units;
	const struct kimage *img;
	const char *name;        /* of the module: "oakum_1" */
	const char *description; /* for .modinfo */
};

/**
 * emit_module() - write the module
 * @ret: the file's bytes, appended
 *
 * The caller has made sure that there are no findings (diff and link_check()).
 *
 * Errors: OAK_E_UNSUPPORTED (the kernel has no BTF or lacks what livepatch needs), OAK_E_NOMEM.
 */
int emit_module(const struct emit_input *in, struct buf *ret, struct oak_error *err) _must_check_;

/* The kernel's own vermagic string; the caller frees it. */
int emit_vermagic(const struct kimage *img, char **ret, struct oak_error *err) _must_check_;

#endif
