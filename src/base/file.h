/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file: whole files below a directory descriptor (AT_FDCWD works), always bounded, always
 * O_CLOEXEC. A file that others read is replaced atomically: written beside, fsynced, renamed.
 */
#ifndef OAK_BASE_FILE_H
#define OAK_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/**
 * file_read() - a whole file
 * @max: more bytes than this is OAK_E_TOOLARGE
 * @ret: appended to; works for files of /proc and /sys, whose size is 0
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_TOOLARGE, OAK_E_NOMEM; the message names @path.
 */
int file_read(int dirfd, const char *path, size_t max, struct buf *ret, struct oak_error *err)
	_must_check_;

/* One line of text without its newline, trimmed at the right; the caller frees it. */
int file_read_line(int dirfd, const char *path, char **ret, struct oak_error *err) _must_check_;

/**
 * file_write() - replace or create a file atomically and durably
 *
 * The directory must exist. A crash leaves the old or the new content, never a mix; a leftover
 * temporary is named ".<name>.tmp".
 */
int file_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
	       struct oak_error *err) _must_check_;

/* Makes a new name durable: fsyncs the directory that holds the entry. */
int file_sync_entry(int dirfd, const char *path, struct oak_error *err) _must_check_;

/* mkdir -p with mode 0755, as durable as file_write(); an existing directory is fine. */
int dir_make(int dirfd, const char *path, struct oak_error *err) _must_check_;

/* rm -r; never follows symbolic links; a missing path is fine. */
int tree_remove(int dirfd, const char *path, struct oak_error *err) _must_check_;

bool file_exists(int dirfd, const char *path);

/* A read-only mapping of a whole file. Empty files are OAK_E_FORMAT. */
struct mapping {
	const uint8_t *data;
	size_t len;
};
int mapping_open(int dirfd, const char *path, struct mapping *ret, struct oak_error *err)
	_must_check_;
void mapping_close(struct mapping *m); /* zero is fine; also the guard */

/* "<a>/<b>" on the heap, NULL when out of memory. */
char *path_join(const char *a, const char *b);

#endif
