/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purl: package URLs of the running kernel, as scanners name it.
 *
 *	pkg:deb/debian/linux-image-6.1.0-50-amd64@6.1.176-1?arch=amd64
 *	pkg:deb/debian/linux@6.1.176-1?arch=source
 *	pkg:generic/linux@6.18.44
 *
 * No "distro" qualifier: scanners demand that each qualifier of ours is theirs, to the letter, and
 * one writes "distro=debian-12" where another writes "distro=debian-12.13".
 *
 * Pure. Source: the package URL specification.
 */
#ifndef OAK_HOST_VEX_PURL_H
#define OAK_HOST_VEX_PURL_H

#include <stddef.h>

#include "base/error.h"
#include "host/cve/kernel.h"

#define PURL_MAX 640 /* each of two names encoded, at three bytes a letter */

/* The package that holds the kernel. @arch: of the machine, "x86_64". */
void purl_of_kernel(const struct cve_kernel *k, const char *arch, char ret[PURL_MAX]);

/* Its source package; "" where it has none. */
void purl_of_source(const struct cve_kernel *k, char ret[PURL_MAX]);

/* What is no letter, digit, or one of "-._~:" becomes %XX; cut at @size. */
void purl_encode(const char *text, char *ret, size_t size);

#endif
