/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed: the files of a folder or of a tar archive (plain, zstd, gzip or xz), one at a time, of
 * bounded size. Links and devices are passed over. In a folder the order is that of the names.
 */
#ifndef OAK_TRUST_CVE_FEED_H
#define OAK_TRUST_CVE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define FEED_FILES_MAX 2000000u
#define FEED_DEPTH_MAX 8u

struct feed_file {
	const char *name; /* with its folders, as in the archive */
	int64_t mtime_s;
	const struct buf *bytes; /* NULL: could not be read, @why says it */
	const struct oak_error *why;
};

struct feed_options {
	size_t file_max;                  /* bytes; a larger file is given without its bytes */
	bool (*wanted)(const char *name); /* by the last part of the name */
	/* Below 0 ends it all. The file is borrowed for the call. */
	int (*file)(void *ctx, const struct feed_file *file, struct oak_error *err);
	void *ctx;
};

/* Errors: OAK_E_NOTFOUND, OAK_E_FORMAT (the archive is damaged or ends early), OAK_E_TOOLARGE. */
int feed_read(const char *path, const struct feed_options *opt, struct oak_error *err) _must_check_;

#endif
