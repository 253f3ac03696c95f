/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decompress: one stream of a compression that kernels use, recognised by its magic.
 *
 * To add another compression: a row in the table of decompress.c, its library in src/meson.build.
 */
#ifndef OAK_KERNEL_DECOMPRESS_H
#define OAK_KERNEL_DECOMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/**
 * decompress() - unpack the one stream at the start of @data
 * @data: what follows the stream's end is ignored: the kernel's build appends the unpacked size
 * @max:  more unpacked bytes than this is OAK_E_TOOLARGE
 * @ret:  appended to
 *
 * Pure. Errors: OAK_E_UNSUPPORTED (magic), OAK_E_FORMAT (damaged or truncated), OAK_E_TOOLARGE,
 * OAK_E_NOMEM.
 */
int decompress(const uint8_t *data, size_t len, size_t max, struct buf *ret, struct oak_error *err)
	_must_check_;

#endif
