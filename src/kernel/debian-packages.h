/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debian-packages: which packages make up one Debian kernel, and which kernels are complete. */
#ifndef OAK_KERNEL_DEBIAN_PACKAGES_H
#define OAK_KERNEL_DEBIAN_PACKAGES_H

#include <stdbool.h>

#include "base/error.h"
#include "kernel/debian-index.h"

/*
 * The parts, all of one version. Only of the tools (objtool, fixdep) a later version of the series
 * serves too, as Debian's headers depend on them ("linux-kbuild-6.1 (>= 6.1.170-3)") and the archive
 * drops them first; whether they still do the same is for the proof to say.
 * linux-headers-*-common is no part: all its files are in the source.
 */
enum debian_part {
	DEBIAN_IMAGE,
	DEBIAN_HEADERS,
	DEBIAN_KBUILD,
	DEBIAN_SOURCE,
	DEBIAN_PARTS
};

#define DEBIAN_NAME_MAX       128
#define DEBIAN_NAMES_PER_PART 2 /* image: signed or not; kbuild: per series or per version */

/* Names a part may have, the preferred first; unused ones are "". */
struct debian_names {
	char name[DEBIAN_PARTS][DEBIAN_NAMES_PER_PART][DEBIAN_NAME_MAX];
};

/**
 * debian_names_of() - "6.1.0-50-amd64" or "6.12.107+deb12-cloud-amd64"
 *
 * Errors: OAK_E_USAGE (not a kernel release of Debian for amd64).
 */
int debian_names_of(const char *release, struct debian_names *ret, struct oak_error *err)
	_must_check_;

/**
 * debian_complete() - does the index hold all parts of one version?
 * @ret:         each part, borrowed from @x; may be NULL; on failure those before the missing one
 * @ret_missing: preferred name of the first part that is not, borrowed; may be NULL
 */
bool debian_complete(const struct debian_index *x, const struct debian_names *names,
		     const char *version, const struct debian_package *ret[DEBIAN_PARTS],
		     const char **ret_missing);

#endif
