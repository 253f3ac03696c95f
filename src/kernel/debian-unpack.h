/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debian-unpack: the packages of one kernel become the files of the store. */
#ifndef OAK_KERNEL_DEBIAN_UNPACK_H
#define OAK_KERNEL_DEBIAN_UNPACK_H

#include "kernel/debian-packages.h"
#include "kernel/provider.h"

/**
 * debian_unpack() - fill job->dir
 * @debs: path of each part's package
 *
 * The source, by far the longest, unpacks beside the image. Errors: OAK_E_FAILED (a tool),
 * OAK_E_FORMAT (a package without what we need), OAK_E_IO, OAK_E_NOMEM.
 */
int debian_unpack(const struct provider_job *job, const char *const debs[DEBIAN_PARTS],
		  struct oak_error *err) _must_check_;

#endif
