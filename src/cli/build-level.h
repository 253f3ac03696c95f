/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build-level: a level as "make" left it in a folder, ready to be tested. */
#ifndef OAK_CLI_BUILD_LEVEL_H
#define OAK_CLI_BUILD_LEVEL_H

#include "base/error.h"
#include "build/vm-plan.h"
#include "trust/manifest.h"

struct built_level {
	struct manifest *manifest;
	char *file; /* the module's path */
	struct vm_function *functions;
	const char **objects;
	struct vm_level level; /* borrows from the above */
};

/**
 * build_level_open() - read DIR/manifest.json and check the module that it names
 * @ret: build_level_close() it, whatever is returned
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_FORMAT, OAK_E_TRUST (another module than the manifest's),
 * OAK_E_NOMEM.
 */
int build_level_open(const char *dir, struct built_level *ret, struct oak_error *err) _must_check_;
/**
 * build_level_record() - note in the manifest that the level passed its test
 * @dir:  the level's folder
 * @what: one line
 *
 * "tested" then holds {what, result, seconds} once more. Errors: OAK_E_IO, OAK_E_NOMEM.
 */
int build_level_record(const struct built_level *l, const char *dir, const char *what,
		       double seconds, struct oak_error *err) _must_check_;

void build_level_close(struct built_level *l); /* zero is fine; also the guard */

#endif
