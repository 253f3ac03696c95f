/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian-changelog: the changelog that the image's package brings, kept in the kernel's folder of
 * the store: it names the CVEs that the distribution fixed up to that version.
 */
#ifndef OAK_KERNEL_DEBIAN_CHANGELOG_H
#define OAK_KERNEL_DEBIAN_CHANGELOG_H

#include "base/error.h"

/* Moves it from a folder in which the package was unpacked to @to; a package without one is fine. */
int debian_changelog_take(const char *unpacked, const char *to, struct oak_error *err) _must_check_;

/**
 * debian_changelog_fetch() - for kernels that were added before the store kept it
 * @downloads: folder of packages
 * @release:   of the kernel
 * @dir:       the kernel's folder; unpacks there, and removes what it unpacked
 * @to:        the file
 *
 * Takes some seconds. Errors: OAK_E_NOTFOUND (the package is not in @downloads any more, or has
 * none), OAK_E_FAILED (dpkg-deb), OAK_E_IO.
 */
int debian_changelog_fetch(const char *downloads, const char *release, const char *version,
			   const char *dir, const char *to, struct oak_error *err) _must_check_;

#endif
