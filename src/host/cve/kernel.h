/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel: of which upstream version the running kernel is, and of which package.
 *
 * Debian writes "... Debian 6.1.176-1 (2026-07-02)" into /proc/version, Ubuntu the upstream
 * version into /proc/version_signature; elsewhere the release begins with it. Red Hat's releases
 * do not tell it: 5.14.0-*.el9 has fixes of years after 5.14, so no upstream rule fits.
 *
 * cve_kernel_parse() is pure.
 */
#ifndef OAK_HOST_CVE_KERNEL_H
#define OAK_HOST_CVE_KERNEL_H

#include <stdint.h>

#include "base/error.h"

#define CVE_KERNEL_TEXT 96

enum cve_distribution {
	CVE_DISTRIBUTION_NONE, /* an upstream kernel, or one that nobody knows */
	CVE_DISTRIBUTION_DEBIAN,
	CVE_DISTRIBUTION_UBUNTU,
};

struct cve_kernel {
	uint64_t upstream; /* packed */
	enum cve_distribution distribution;
	char release[CVE_KERNEL_TEXT]; /* "6.1.0-50-amd64" */
	char package[CVE_KERNEL_TEXT]; /* "6.1.176-1"; "" where it has none */
	const char *source;            /* the file that told the version */
};

/*
 * @version: of /proc/version; @signature: of /proc/version_signature; either may be NULL.
 * Errors: OAK_E_UNSUPPORTED (it tells no upstream version).
 */
int cve_kernel_parse(const char *release, const char *version, const char *signature,
		     struct cve_kernel *ret, struct oak_error *err) _must_check_;

int cve_kernel_read(int root, struct cve_kernel *ret, struct oak_error *err) _must_check_;

#endif
