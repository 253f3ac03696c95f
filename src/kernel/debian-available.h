/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debian-available: which of Debian's kernels the archive offers complete. */
#ifndef OAK_KERNEL_DEBIAN_AVAILABLE_H
#define OAK_KERNEL_DEBIAN_AVAILABLE_H

#include "base/error.h"
#include "kernel/debian-index.h"
#include "kernel/store.h"

/**
 * debian_offers() - the complete kernels of an index
 * @releases: NULL-terminated kernel releases to look at
 * @ret:      newest first
 *
 * Pure. Errors: OAK_E_NOMEM; a release that is none of Debian's is skipped.
 */
int debian_offers(const struct debian_index *x, const char *const *releases,
		  struct kernel_offers *ret, struct oak_error *err) _must_check_;

/* The same from apt's lists: kernels of the plain flavour (no -cloud, no -rt). */
int debian_available(struct kernel_offers *ret, struct oak_error *err) _must_check_;

#endif
