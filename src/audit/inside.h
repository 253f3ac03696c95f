/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside: files below the root descriptor, with links taken as if the root were "/": a tree of
 * another host under --root must not lead to files of this one. Paths may begin with a slash.
 * Source: openat2(2), RESOLVE_IN_ROOT.
 */
#ifndef OAK_AUDIT_INSIDE_H
#define OAK_AUDIT_INSIDE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/json.h"

/* A descriptor of a file or folder with O_PATH or O_RDONLY in @flags, or -errno. */
int inside_open(int root, const char *path, int flags) _must_check_;

/* 0 or -errno. */
int inside_stat(int root, const char *path, struct stat *ret) _must_check_;

/* A regular file of at most @max bytes; appended. 0 or -errno (-EFBIG, -EINVAL: not regular). */
int inside_read(int root, const char *path, size_t max, struct buf *ret);

/* The same as JSON: 0, -errno, or -EBADMSG where it is none; @ret is NULL then. */
int inside_read_json(int root, const char *path, size_t max, json_t **ret);

/* A folder to walk, or NULL with errno. */
DIR *inside_opendir(int root, const char *path);

#endif
