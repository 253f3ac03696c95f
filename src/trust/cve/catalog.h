/* SPDX-License-Identifier: GPL-2.0-or-later */
/* catalog: the records that are being compiled, in order of their ids. */
#ifndef OAK_TRUST_CVE_CATALOG_H
#define OAK_TRUST_CVE_CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/cve/record.h"

struct kbuild_map;

struct cve_catalog {
	struct cve_record **records; /* rising by year and number once catalog_sort() ran */
	size_t n, cap;
	uint32_t sources; /* enum cve_source */
	uint32_t refused;
	int64_t as_of_s;
	const struct kbuild_map *kbuild; /* borrowed; NULL: none */
};

/* Takes over the record. 0 or -ENOMEM. */
int catalog_add(struct cve_catalog *c, struct cve_record *r) _must_check_;

/* Of several with one id the first that was added comes first. 0 or -ENOMEM. */
int catalog_sort(struct cve_catalog *c) _must_check_;

/* After catalog_sort(); NULL where there is none. */
struct cve_record *catalog_find(const struct cve_catalog *c, const char *id);

void catalog_free(struct cve_catalog *c); /* also the guard */

/**
 * catalog_write() - the database's bytes, see docs/formats/cves.md
 * @ret: appended to
 *
 * The same records give the same bytes. Errors: OAK_E_NOMEM, OAK_E_TOOLARGE.
 */
int catalog_write(const struct cve_catalog *c, struct buf *ret, struct oak_error *err) _must_check_;

#endif
