/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian-index: what apt's lists say about packages. The parsers are pure; the queries run
 * apt-cache, which reads local files only ("apt-get update" fetches them).
 */
#ifndef OAK_KERNEL_DEBIAN_INDEX_H
#define OAK_KERNEL_DEBIAN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* One version of one binary package. */
struct debian_package {
	char *name;
	char *version;
	char *sha256; /* lower-case hex; NULL where not asked for (madison) */
	uint64_t size_bytes;
};

struct debian_index {
	struct debian_package *v;
	size_t n;
};

void debian_index_free(struct debian_index *x); /* zero is fine; also the guard */

/**
 * debian_madison_parse() - the table that "apt-cache madison" prints
 * @ret: appended to; a version that several archives hold is listed once; source packages are not
 *
 * Lines of another form are skipped. Errors: OAK_E_NOMEM.
 */
int debian_madison_parse(const char *text, struct debian_index *ret, struct oak_error *err)
	_must_check_;

/* The stanzas that "apt-cache show" prints, those with Package and Version; appended. */
int debian_show_parse(const char *text, struct debian_index *ret, struct oak_error *err)
	_must_check_;

/* NULL where there is none; @version NULL: the newest. */
const struct debian_package *debian_index_find(const struct debian_index *x, const char *name,
					       const char *version);

/**
 * debian_madison() - all versions of some packages
 * @names: NULL-terminated; unknown ones are no error
 *
 * Errors: OAK_E_NOTFOUND (no apt-cache: not a Debian), OAK_E_FAILED, OAK_E_NOMEM.
 */
int debian_madison(const char *const *names, struct debian_index *ret, struct oak_error *err)
	_must_check_;

/* Size and SHA-256 of packages given as "name=version"; unknown ones are no error. */
int debian_show(const char *const *which, struct debian_index *ret, struct oak_error *err)
	_must_check_;

/* Names of all known packages that begin with @prefix, one a line; appended. */
int debian_package_names(const char *prefix, struct buf *ret, struct oak_error *err) _must_check_;

#endif
