/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gunzip: a file compressed with gzip, or a plain one, in pieces; never more than a limit. */
#ifndef OAK_BASE_GUNZIP_H
#define OAK_BASE_GUNZIP_H

#include <stddef.h>

#include "base/error.h"

/* Below 0 ends the reading. */
typedef int (*gunzip_piece)(void *ctx, const char *data, size_t len, struct oak_error *err);

/* A piece function whose @ctx is a struct buf: all of the file, or the first of one too large. */
int gunzip_to_buf(void *ctx, const char *data, size_t len, struct oak_error *err);

/*
 * gunzip_read() opens below @root; gunzip_fd() takes a descriptor, which is closed in any case, and
 * a name for messages. What is no regular file is refused: it may never end.
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_FORMAT (damaged, cut off), OAK_E_TOOLARGE (more than @max
 * bytes unpacked; the pieces before that were given), OAK_E_NOMEM.
 */
int gunzip_read(int root, const char *path, size_t max, gunzip_piece piece, void *ctx,
		struct oak_error *err) _must_check_;
int gunzip_fd(int fd, const char *name, size_t max, gunzip_piece piece, void *ctx,
	      struct oak_error *err) _must_check_;

#endif
