/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/upstream.h"

#include "trust/cve/version.h"

const char *cve_upstream_name(enum cve_upstream v)
{
	static const char *const names[] = {
		[CVE_UPSTREAM_NOT_AFFECTED] = "not-affected",
		[CVE_UPSTREAM_FIXED] = "fixed",
		[CVE_UPSTREAM_AFFECTED] = "affected",
		[CVE_UPSTREAM_NONE] = "none",
	};

	return names[v];
}

static const struct cve_file_interval *interval(const struct cve_db *db, uint32_t range)
{
	return &db->intervals[CVE_RANGE_INTERVAL(range)];
}

static bool lies_in(const struct cve_file_interval *i, uint64_t version)
{
	return version >= i->lo && version < i->hi;
}

/* What one entry says; the range that decided is left in @why. */
static bool entry_affected(const struct cve_db *db, const struct cve_file_record *r, unsigned entry,
			   uint64_t version, struct cve_upstream_why *why)
{
	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];
		const struct cve_file_interval *at = interval(db, range);

		if (CVE_RANGE_ENTRY(range) != entry || !lies_in(at, version))
			continue;
		why->lo = at->lo;
		why->hi = at->hi;
		return CVE_RANGE_AFFECTED(range);
	}
	why->by_default = true;
	return r->defaults >> entry & 1;
}

/* Does this range know a fix that the version has? */
static bool knows_fix(uint32_t range, const struct cve_file_interval *at, uint64_t version)
{
	enum cve_range_kind kind = CVE_RANGE_KIND(range);

	if (CVE_RANGE_AFFECTED(range))
		return kind == CVE_RANGE_PLAIN && version >= at->hi &&
		       cve_version_same_branch(version, at->lo);
	return (kind == CVE_RANGE_BRANCH || kind == CVE_RANGE_ORIGINAL) && at->lo > 0 &&
	       lies_in(at, version);
}

/* The release of which @version is a candidate, or 0. */
static uint64_t release_of(uint64_t version)
{
	uint64_t release;

	return cve_version_is_candidate(version, &release) ? release : 0;
}

static void look_for_fix(const struct cve_db *db, const struct cve_file_record *r, uint64_t version,
			 struct cve_upstream_why *why)
{
	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];
		const struct cve_file_interval *at = interval(db, range);

		if (!knows_fix(range, at, version))
			continue;
		why->verdict = CVE_UPSTREAM_FIXED;
		why->lo = CVE_RANGE_AFFECTED(range) ? at->hi : at->lo;
		why->hi = CVE_VERSION_MAX;
		why->by_default = false;
		return;
	}
}

/* The version to go to: of the same branch, else of mainline. */
static uint64_t next_fix(const struct cve_db *db, const struct cve_file_record *r, uint64_t version)
{
	uint64_t mainline = 0;

	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];
		const struct cve_file_interval *at = interval(db, range);
		uint64_t fix = CVE_RANGE_AFFECTED(range) ? at->hi : at->lo;

		if (CVE_RANGE_KIND(range) == CVE_RANGE_ORIGINAL && fix > version)
			mainline = fix;
		if (CVE_RANGE_KIND(range) == CVE_RANGE_EXACT || fix <= version ||
		    fix == CVE_VERSION_MAX)
			continue;
		if (cve_version_same_branch(fix, version))
			return fix;
	}
	return mainline;
}

/* A record contradicts itself: ranges that begin at 0 in one entry, the branch's fix in another. */
static uint64_t dispute(const struct cve_db *db, const struct cve_file_record *r, uint64_t version)
{
	for (uint32_t i = 0; i < r->n_ranges; i++) {
		uint32_t range = db->ranges[r->ranges + i];
		const struct cve_file_interval *at = interval(db, range);

		if (!CVE_RANGE_AFFECTED(range) && knows_fix(range, at, version))
			return at->lo;
	}
	return 0;
}

static bool is_unsure(const struct cve_db *db, const struct cve_file_record *r, uint64_t version)
{
	uint64_t release = release_of(version);

	for (uint32_t i = 0; release && i < r->n_ranges; i++) {
		const struct cve_file_interval *at = interval(db, db->ranges[r->ranges + i]);

		if (at->lo == release || at->hi == release)
			return true;
	}
	return false;
}

struct cve_upstream_why cve_upstream_judge(const struct cve_db *db, const struct cve_file_record *r,
					   uint64_t version)
{
	struct cve_upstream_why why = { .verdict = CVE_UPSTREAM_NOT_AFFECTED };

	if (r->state != CVE_PUBLISHED) {
		why.verdict = CVE_UPSTREAM_NONE;
		return why;
	}
	for (unsigned entry = 0; entry < r->n_entries; entry++) {
		struct cve_upstream_why one = { .entry = entry };

		if (entry_affected(db, r, entry, version, &one)) {
			why = one;
			why.verdict = CVE_UPSTREAM_AFFECTED;
			why.fixed_in = next_fix(db, r, version);
			why.disputed = dispute(db, r, version);
			break;
		}
		/* Of several entries that say no, one with a range tells more than a default. */
		if (entry == 0 || why.by_default)
			why = one;
	}
	if (why.verdict == CVE_UPSTREAM_NOT_AFFECTED)
		look_for_fix(db, r, version, &why);
	why.unsure = is_unsure(db, r, version);
	return why;
}
