/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dropin: one setting in a file of its own below /etc/oakum/conf.d, for verbs that change it. */
#ifndef OAK_CLI_DROPIN_H
#define OAK_CLI_DROPIN_H

#include "base/error.h"

struct dropin {
	const char *key;  /* "pin" */
	const char *path; /* "etc/oakum/conf.d/50-pin.conf" */
};

extern const struct dropin dropin_pin;
extern const struct dropin dropin_tags;

/**
 * dropin_set() - check the value as the settings do, and replace the file
 * @value: NULL or "none" removes it
 *
 * Errors: OAK_E_USAGE, OAK_E_PERMISSION, OAK_E_IO.
 */
int dropin_set(int root, const struct dropin *d, const char *value, struct oak_error *err)
	_must_check_;

#endif
