/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/fixes.h"

#include <stdbool.h>

#include "trust/cve/version.h"

static bool is_fix(uint32_t range)
{
	enum cve_range_kind kind = CVE_RANGE_KIND(range);

	return !CVE_RANGE_AFFECTED(range) &&
	       (kind == CVE_RANGE_BRANCH || kind == CVE_RANGE_ORIGINAL);
}

/* The entry that has them: the last, where several do. */
static bool entry_of_fixes(const struct cve_db *db, const struct cve_file_record *r,
			   unsigned *ret_entry, uint32_t *ret_n)
{
	uint32_t n = 0;

	*ret_entry = 0;
	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];

		if (!is_fix(range))
			continue;
		n = CVE_RANGE_ENTRY(range) == *ret_entry ? n + 1 : 1;
		*ret_entry = CVE_RANGE_ENTRY(range);
	}
	*ret_n = n;
	return n > 0;
}

static struct cve_fix find(const struct cve_db *db, const struct cve_file_record *r,
			   enum cve_range_kind kind, uint64_t branch)
{
	struct cve_fix fix = { 0 };
	uint32_t n, at = 0;
	unsigned entry;

	if (!entry_of_fixes(db, r, &entry, &n))
		return fix;
	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];
		uint64_t lo = db->intervals[CVE_RANGE_INTERVAL(range)].lo;

		if (!is_fix(range) || CVE_RANGE_ENTRY(range) != entry)
			continue;
		if (CVE_RANGE_KIND(range) == kind &&
		    (kind == CVE_RANGE_ORIGINAL || cve_version_same_branch(lo, branch))) {
			fix.version = lo;
			if (n == r->n_commits)
				fix.commit =
					db->commits + (size_t)(r->commits + at) * CVE_COMMIT_BYTES;
			return fix;
		}
		at++;
	}
	return fix;
}

struct cve_fix cve_fix_of_branch(const struct cve_db *db, const struct cve_file_record *r,
				 uint64_t version)
{
	return find(db, r, CVE_RANGE_BRANCH, version);
}

struct cve_fix cve_fix_of_mainline(const struct cve_db *db, const struct cve_file_record *r)
{
	return find(db, r, CVE_RANGE_ORIGINAL, 0);
}
