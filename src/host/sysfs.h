/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs: small attributes of /sys and /proc below a root descriptor. Unlike base/file these are
 * never replaced by rename: an attribute is written in place.
 *
 * "root" everywhere in this room is a descriptor of "/" (of a fake tree in tests) and paths have
 * no leading slash.
 */
#ifndef OAK_HOST_SYSFS_H
#define OAK_HOST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SYSFS_PATH_MAX 512

/* The first line into @ret, NUL-terminated, cut at @size. Return: 0 or -errno. */
int sysfs_read(int root, const char *path, char *ret, size_t size) _must_check_;

/* "1", "Y" and "y" are true; a missing or unreadable attribute is false. */
bool sysfs_is_true(int root, const char *path);

/* Return: 0 or -errno, as the kernel answers the write. */
int sysfs_write(int root, const char *path, const char *text) _must_check_;

#endif
