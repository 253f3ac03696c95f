/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-file: the self-check's simulated loading for a module on disk. */
#ifndef OAK_BUILD_SELFCHECK_FILE_H
#define OAK_BUILD_SELFCHECK_FILE_H

#include <stdbool.h>

#include "build/selfcheck.h"
#include "kernel/store.h"

/**
 * selfcheck_file() - would this kernel load the module?
 * @path:       a level's module, signed or not; the signature itself is not verified
 * @ret_signed: does it carry one?
 *
 * Errors: as selfcheck_load(); OAK_E_IO.
 */
int selfcheck_file(const struct kernel *k, const char *path, struct selfcheck_report *ret,
		   bool *ret_signed, struct oak_error *err) _must_check_;

#endif
