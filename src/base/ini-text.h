/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini-text: files of "key = value" without sections, strictly: what inih would silently cut, drop or
 * take for another line is an error with the file's name and line.
 *
 * Lines of at most 198 bytes, comments begin with '#' or ';' on a line of their own.
 */
#ifndef OAK_BASE_INI_TEXT_H
#define OAK_BASE_INI_TEXT_H

#include <stddef.h>

#include "base/error.h"

/* One pair. Return: 0, or an error with its message, which gets file and line before it. */
typedef int ini_pair(void *ctx, const char *key, const char *value, struct oak_error *err);

/* Pure. @name: of the file, for messages. The first error ends it. Errors: OAK_E_FORMAT, OAK_E_NOMEM. */
int ini_text_parse(const char *name, const void *data, size_t len, ini_pair *each, void *ctx,
		   struct oak_error *err) _must_check_;

#endif
