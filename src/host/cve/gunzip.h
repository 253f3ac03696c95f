/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gunzip: a file compressed with gzip, or a plain one, in pieces; never more than a limit. */
#ifndef OAK_HOST_CVE_GUNZIP_H
#define OAK_HOST_CVE_GUNZIP_H

#include <stddef.h>

#include "base/error.h"

/* Below 0 ends the reading. */
typedef int (*gunzip_piece)(void *ctx, const char *data, size_t len, struct oak_error *err);

/* Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_FORMAT (damaged), OAK_E_TOOLARGE. */
int gunzip_read(int root, const char *path, size_t max, gunzip_piece piece, void *ctx,
		struct oak_error *err) _must_check_;

#endif
