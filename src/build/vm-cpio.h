/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-cpio: writes an initramfs, the archive that a kernel unpacks at boot ("newc").
 *
 * Deterministic: entries come as they were added, owned by root, without a time. Folders must be
 * added before what lies in them. Call cpio_end() last. Errors: -ENOMEM, -EFBIG (4 GiB is the
 * format's end for a file).
 *
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef OAK_BUILD_VM_CPIO_H
#define OAK_BUILD_VM_CPIO_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/* @path without a leading slash; @mode: permissions only. */
int cpio_add_dir(struct buf *archive, const char *path) _must_check_;
int cpio_add_file(struct buf *archive, const char *path, mode_t mode, const void *data, size_t len)
	_must_check_;
int cpio_add_console(struct buf *archive) _must_check_; /* /dev/console, for init's first words */
int cpio_end(struct buf *archive) _must_check_;

#endif
