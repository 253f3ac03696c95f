/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changelog: the CVEs that the distribution says it fixed in the package that runs: those named in
 * its Debian changelog, in the entry of that version or an older one. What stands above is of a
 * newer package that was installed but not booted.
 *
 * Debian signs kernels in a package of its own, whose version "6.1.176+1" stands for "6.1.176-1".
 *
 * changelog_feed() is pure. Fuzzed by tests/fuzz/fuzz-cve-changelog.c.
 */
#ifndef OAK_HOST_CVE_CHANGELOG_H
#define OAK_HOST_CVE_CHANGELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/cve/kernel.h"

#define CHANGELOG_MAX      (64u << 20) /* bytes of text; Debian's of 2026 has 3.2 MB */
#define CHANGELOG_IDS_MAX  200000u
#define CHANGELOG_LINE_MAX 512u /* what is longer is cut */

struct changelog {
	const char *package; /* borrowed: entries above this version do not count */
	bool reached;        /* its entry was found */
	uint64_t *ids;       /* year << 32 | number, rising once changelog_finish() ran */
	size_t n, cap;
	char line[CHANGELOG_LINE_MAX];
	size_t len;
};

/* Text in pieces. Errors: OAK_E_NOMEM, OAK_E_TOOLARGE. */
int changelog_feed(struct changelog *c, const char *data, size_t len, struct oak_error *err)
	_must_check_;
int changelog_finish(struct changelog *c, struct oak_error *err) _must_check_;
bool changelog_has(const struct changelog *c, uint32_t year, uint32_t number);
void changelog_free(struct changelog *c); /* also the guard */

/**
 * changelog_read() - of the package that holds the running kernel
 * @ret: its .package is borrowed from @k
 *
 * A kernel that is none of Debian's has an empty one. Errors: OAK_E_NOTFOUND, OAK_E_FORMAT.
 */
int changelog_read(int root, const struct cve_kernel *k, struct changelog *ret,
		   struct oak_error *err) _must_check_;

/* The same of one file, whatever package it is of. */
int changelog_read_file(int dir, const char *path, const struct cve_kernel *k,
			struct changelog *ret, struct oak_error *err) _must_check_;

#endif
