/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * provider: where the kernels of one distribution come from.
 *
 * To add another distribution:
 *  - one file provider-<name>.c that defines a const struct provider;
 *  - its row in the table of provider.c;
 *  - a test of its index parsers, and one that adds a real kernel.
 */
#ifndef OAK_KERNEL_PROVIDER_H
#define OAK_KERNEL_PROVIDER_H

#include <stddef.h>

#include "base/error.h"
#include "base/progress.h"
#include "kernel/store.h"

/* What to bring, and where to. Strings are borrowed for the call. */
struct provider_job {
	const char *release;
	const char *version;   /* of the package */
	const char *downloads; /* folder that keeps packages */
	const char *dir;       /* exists and is empty */
	const struct progress *progress;
};

struct provider {
	const char *name; /* the reference's part before the colon */
	/* The newest complete package version of @release; the caller frees it. */
	int (*resolve)(const char *release, const char *downloads, char **ret_version,
		       struct oak_error *err);
	/* Fills job->dir with vmlinuz, config, Module.symvers, source/ and modules/ (see store.h). */
	int (*provide)(const struct provider_job *job, struct oak_error *err);
	int (*available)(struct kernel_offers *ret, struct oak_error *err);
};

/* @name need not end: @len characters count. NULL where there is none. */
const struct provider *provider_find(const char *name, size_t len);

extern const struct provider provider_debian;

#endif
