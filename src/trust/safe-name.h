/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * safe-name: one URL part, or one file name, of a name that somebody else chose: a role's or a
 * target's. "../x", "/x", "?", "a b" and names of any length are safe afterwards.
 */
#ifndef OAK_TRUST_SAFE_NAME_H
#define OAK_TRUST_SAFE_NAME_H

#include "base/buf.h"

/* Appends @name with every byte quoted but letters, digits and "-._~". 0 or -ENOMEM. */
int safe_url_part(const char *name, struct buf *ret) _must_check_;

/**
 * safe_file_name() - a file name of its own for each name, in one directory
 * @suffix: ".json" or ""; at most 8 bytes
 *
 * The name quoted as above and the suffix, never hidden (a leading '.' is quoted); where that is
 * too long for a file system, "=" and the SHA-256 of the name instead. No quoted name begins with
 * "=", so two names never share a file. 0 or -ENOMEM.
 */
int safe_file_name(const char *name, const char *suffix, struct buf *ret) _must_check_;

#endif
