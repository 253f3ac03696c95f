/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc-file: files of /proc that the kernel writes in one go (status, stat, cgroup, sockstat): one
 * read gets them whole, and asking again for their end would double the cost of a thousand.
 * Source: fs/seq_file.c, single_open().
 */
#ifndef OAK_HOST_SECURITY_PROC_FILE_H
#define OAK_HOST_SECURITY_PROC_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Replaces @ret. False where it cannot be read, is empty or longer than @max. */
bool proc_file_read(int dir, const char *path, size_t max, struct buf *ret);

#endif
