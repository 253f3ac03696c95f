/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell-file: a file of /run/oakum, written only where its content changes, and readable by all. */
#ifndef OAK_AGENT_TELL_FILE_H
#define OAK_AGENT_TELL_FILE_H

#include "base/buf.h"
#include "base/error.h"

/* Errors: OAK_E_IO. */
int tell_file(int root, const char *path, const struct buf *b, struct oak_error *err) _must_check_;

#endif
