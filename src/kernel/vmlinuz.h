/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmlinuz: the ELF image inside a compressed kernel for x86. */
#ifndef OAK_KERNEL_VMLINUZ_H
#define OAK_KERNEL_VMLINUZ_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

#define VMLINUZ_UNPACKED_MAX (512u << 20) /* bytes; Debian's 6.1 is 65 MB, allyesconfig about 300 */

/**
 * vmlinuz_unpack() - the vmlinux ELF that a bzImage carries
 * @data: bytes of the file; an ELF image that is already unpacked is accepted as it is
 * @len:  size of @data in bytes
 * @ret:  the ELF alone is appended: what the kernel's build put behind it (vmlinux.relocs) is cut
 *
 * The payload is found through the setup header (boot protocol 2.08 and later) and its compression
 * by magic: gzip, xz, zstd, lz4 (legacy frames) or none.
 *
 * Pure. Errors: OAK_E_FORMAT (not an x86 kernel, truncated, damaged), OAK_E_UNSUPPORTED (boot
 * protocol or compression), OAK_E_TOOLARGE, OAK_E_NOMEM.
 * Source: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". Fuzzed by
 * tests/fuzz/fuzz-vmlinuz.c.
 */
int vmlinuz_unpack(const void *data, size_t len, struct buf *ret, struct oak_error *err)
	_must_check_;

#endif
