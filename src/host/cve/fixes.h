/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixes: which commit of a record fixes which branch.
 *
 * A record lists commits and versions apart. The kernel's CVE authority writes both in one order, a
 * branch each and mainline last, so that the n-th commit is that of the n-th version where there
 * are as many: in 97 % of the records of 2026. Of the others it is not known.
 *
 * Pure.
 */
#ifndef OAK_HOST_CVE_FIXES_H
#define OAK_HOST_CVE_FIXES_H

#include <stdint.h>

#include "host/cve/db.h"

struct cve_fix {
	uint64_t version;      /* that has it first; 0: none does */
	const uint8_t *commit; /* CVE_COMMIT_BYTES; NULL: not known which of them */
};

/* Of the branch of @version. */
struct cve_fix cve_fix_of_branch(const struct cve_db *db, const struct cve_file_record *r,
				 uint64_t version);
struct cve_fix cve_fix_of_mainline(const struct cve_db *db, const struct cve_file_record *r);

#endif
