/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * upstream: is an upstream kernel version affected? The rule of the kernel's CVE authority.
 *
 * Each entry of the record: of its ranges, in their order, the first that the version lies in
 * decides; where none does, the entry's default does. The version is affected where any entry
 * says so. One entry alone gives wrong answers: the first has the bugs that came into a stable
 * branch by a backport, the second those of mainline.
 *
 * What is not affected is "fixed" where the record knows a fix for it: it lies in a range that
 * begins with a fix (of its branch, or of mainline), or behind the end of an affected range of its
 * own branch. Else it never had the code.
 *
 * Pure. Source: the records of the kernel's CVE authority; docs/formats/cves.md.
 */
#ifndef OAK_HOST_CVE_UPSTREAM_H
#define OAK_HOST_CVE_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "host/cve/db.h"

enum cve_upstream {
	CVE_UPSTREAM_NOT_AFFECTED,
	CVE_UPSTREAM_FIXED,
	CVE_UPSTREAM_AFFECTED,
	CVE_UPSTREAM_NONE, /* rejected or reserved: there is nothing to be affected by */
};

/* "not-affected", "fixed", "affected", "none" */
const char *cve_upstream_name(enum cve_upstream v);

struct cve_upstream_why {
	enum cve_upstream verdict;
	unsigned entry;    /* that decided */
	uint64_t lo, hi;   /* the range that decided, or that knows the fix; both 0: the default */
	bool by_default;   /* affected since nothing in that entry says otherwise */
	uint64_t fixed_in; /* the next version of its branch (else of mainline) that has a fix; 0 */
	bool unsure;       /* a candidate of the release in which the code came, or was fixed */
	uint64_t disputed; /* affected, though another entry knows a fix since that version; 0 */
};

struct cve_upstream_why cve_upstream_judge(const struct cve_db *db, const struct cve_file_record *r,
					   uint64_t version);

#endif
