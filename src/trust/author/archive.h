/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive: a tar of regular files, compressed with zstd, by libarchive. Reading takes nothing else:
 * no links, no devices, no path that leaves the directory, nothing beyond the limits.
 */
#ifndef OAK_TRUST_AUTHOR_ARCHIVE_H
#define OAK_TRUST_AUTHOR_ARCHIVE_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

struct tarball; /* opaque: one that is being written */

/* Written to "<path>.tmp" until tarball_finish() renames it. */
int tarball_create(const char *path, struct tarball **ret, struct oak_error *err) _must_check_;
int tarball_add(struct tarball *t, const char *name, const struct buf *bytes, struct oak_error *err)
	_must_check_;
int tarball_finish(struct tarball *t, struct oak_error *err) _must_check_;
void tarball_close(struct tarball *t); /* NULL is fine; an unfinished one is removed */
DEFINE_CLEANUP(struct tarball *, tarball_close)

/**
 * tarball_extract() - all files below @dirfd
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_FORMAT (no such archive; an entry that is not a plain file with a
 * safe name), OAK_E_TOOLARGE (the limits of trust/author/bundle.h), OAK_E_IO.
 */
int tarball_extract(const char *path, int dirfd, struct oak_error *err) _must_check_;

#endif
