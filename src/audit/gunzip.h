/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gunzip: a gzip file in memory, bounded. */
#ifndef OAK_AUDIT_GUNZIP_H
#define OAK_AUDIT_GUNZIP_H

#include "base/buf.h"
#include "base/error.h"

/*
 * @ret is appended to. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE (more than @max; the first of it is in
 * @ret), OAK_E_NOMEM.
 */
int gunzip(const void *data, size_t len, size_t max, struct buf *ret, struct oak_error *err)
	_must_check_;

#endif
