/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remember: what "init" was told on the command line, kept in the settings file. */
#ifndef OAK_SERVER_REMEMBER_H
#define OAK_SERVER_REMEMBER_H

#include <stddef.h>

#include "base/error.h"

struct remembered {
	const char *key, *value; /* value NULL: not given */
};

/**
 * settings_remember() - append what the file does not say yet; makes the file, mode 0640
 *
 * Errors: OAK_E_REFUSED: the file says something else for a key. What it says by itself stays.
 */
int settings_remember(const char *path, const struct remembered *v, size_t n, struct oak_error *err)
	_must_check_;

#endif
