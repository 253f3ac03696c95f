/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry-sizes: how large the entries of special sections are in one kernel, from its BTF. */
#ifndef OAK_KERNEL_ENTRY_SIZES_H
#define OAK_KERNEL_ENTRY_SIZES_H

#include "base/error.h"
#include "elf/special.h"
#include "kernel/image.h"

/**
 * entry_sizes() - sizeof of each struct that a special section is a table of
 *
 * What this kernel does not have (static calls before 5.10, paravirt sites since 6.8) is left out.
 *
 * Errors: OAK_E_UNSUPPORTED (no BTF).
 */
int entry_sizes(const struct kimage *img, struct special_sizes *ret, struct oak_error *err)
	_must_check_;

#endif
