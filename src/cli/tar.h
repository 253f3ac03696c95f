/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tar: a few small files as one archive in memory. An archive library would be one more in the
 * start of every verb, for one that is seldom used. Source: POSIX pax, "ustar Interchange Format".
 */
#ifndef OAK_CLI_TAR_H
#define OAK_CLI_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TAR_NAME_MAX 100u /* with the NUL */

/* A plain file of mode 0600 of user 0. -ENAMETOOLONG, -EFBIG, -ENOMEM. */
int tar_add(struct buf *tar, const char *name, const void *data, size_t len, int64_t mtime_s)
	_must_check_;

int tar_end(struct buf *tar) _must_check_;

#endif
