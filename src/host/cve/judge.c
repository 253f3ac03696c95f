/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/judge.h"

#include <string.h>

#include "base/debian-version.h"
#include "trust/cve/version.h"

static const char *const names[] = {
	[CVE_VERDICT_EXPOSED] = "exposed",
	[CVE_VERDICT_WITHHELD] = "withheld",
	[CVE_VERDICT_MODULE_NOT_LOADED] = "module-not-loaded",
	[CVE_VERDICT_BLOCKED] = "not-loaded-and-blocked",
	[CVE_VERDICT_NOT_BUILT] = "not-built",
	[CVE_VERDICT_PATCHED] = "patched-live",
	[CVE_VERDICT_FIXED] = "fixed",
	[CVE_VERDICT_NOT_AFFECTED] = "not-affected",
	[CVE_VERDICT_NONE] = "none",
};

const char *cve_verdict_name(enum cve_verdict v)
{
	return names[v];
}

enum cve_verdict cve_verdict_parse(const char *name)
{
	unsigned i = 0;

	while (i < CVE_VERDICTS && strcmp(names[i], name) != 0)
		i++;
	return (enum cve_verdict)i;
}

/* "linux-6.1" of a kernel that was brought to an older release ("~deb11u1"), else "linux". */
static bool is_source(const struct cve_host *h, const char *package)
{
	char branch[CVE_VERSION_TEXT];
	char *dot;

	if (!strstr(h->kernel.package, "~deb"))
		return strcmp(package, "linux") == 0;
	cve_version_format(h->kernel.upstream, branch);
	dot = strchr(branch, '.');
	dot = dot ? strchr(dot + 1, '.') : NULL;
	if (dot)
		*dot = '\0';
	return strncmp(package, "linux-", 6) == 0 && strcmp(package + 6, branch) == 0;
}

/* What the tracker says of this release; of backports ("~bpo") it does not speak. */
static const struct cve_file_release *tracker_row(const struct cve_host *h, const struct cve_db *db,
						  const struct cve_file_record *r)
{
	if (h->kernel.distribution != CVE_DISTRIBUTION_DEBIAN || !h->codename[0] ||
	    strstr(h->kernel.package, "~bpo"))
		return NULL;
	for (uint32_t i = 0; i < r->n_releases; i++) {
		const struct cve_file_release *row = &db->releases[r->releases + i];

		if (strcmp(cve_db_text(db, row->release), h->codename) == 0 &&
		    is_source(h, cve_db_text(db, row->package)))
			return row;
	}
	return NULL;
}

static bool never_there(const struct cve_db *db, const struct cve_file_release *row)
{
	return row && row->status == CVE_RELEASE_RESOLVED &&
	       strcmp(cve_db_text(db, row->fixed), "0") == 0;
}

static bool tracker_has_fix(const struct cve_host *h, const struct cve_db *db,
			    const struct cve_file_release *row)
{
	return row && row->status == CVE_RELEASE_RESOLVED &&
	       debian_version_compare(h->kernel.package, cve_db_text(db, row->fixed)) >= 0;
}

/* Without a level: by version, changelog and tracker. True where that is the verdict. */
static bool by_distribution(const struct cve_host *h, const struct cve_db *db,
			    struct cve_judgement *j)
{
	bool open = j->tracker && j->tracker->status == CVE_RELEASE_OPEN;

	j->by = CVE_FIXED_BY_VERSION;
	if (j->upstream.verdict == CVE_UPSTREAM_FIXED) {
		j->verdict = CVE_VERDICT_FIXED;
		return true;
	}
	if (j->in_changelog) {
		j->verdict = CVE_VERDICT_FIXED;
		j->by = CVE_FIXED_BY_CHANGELOG;
		return true;
	}
	if (j->upstream.verdict == CVE_UPSTREAM_NOT_AFFECTED && !open) {
		j->verdict = CVE_VERDICT_NOT_AFFECTED;
		return true;
	}
	j->by = CVE_FIXED_BY_TRACKER;
	if (never_there(db, j->tracker)) {
		j->verdict = CVE_VERDICT_NOT_AFFECTED;
		return true;
	}
	j->verdict = CVE_VERDICT_FIXED;
	return tracker_has_fix(h, db, j->tracker);
}

static bool by_configuration(struct cve_judgement *j)
{
	static const enum cve_verdict verdicts[] = {
		[BUILT_NO] = CVE_VERDICT_NOT_BUILT,
		[BUILT_UNLOADABLE] = CVE_VERDICT_BLOCKED,
		[BUILT_UNLOADED] = CVE_VERDICT_MODULE_NOT_LOADED,
		[BUILT_YES] = CVE_VERDICT_EXPOSED,
		[BUILT_UNKNOWN] = CVE_VERDICT_EXPOSED,
	};

	j->verdict = verdicts[j->built.state];
	return j->verdict != CVE_VERDICT_EXPOSED;
}

static const struct cve_claim *claim(const struct cve_host *h, const struct cve_file_record *r,
				     enum cve_claim_kind kind)
{
	return claims_find(&h->claims, r->year, r->number, kind);
}

/* Of what is exposed: does a level or a kernel wait that would end it? */
static void find_way_out(const struct cve_host *h, const struct cve_db *db,
			 const struct cve_file_record *r, struct cve_judgement *j)
{
	static const enum cve_claim_kind kinds[] = { CVE_CLAIM_COMING, CVE_CLAIM_BROKEN,
						     CVE_CLAIM_ON_DISK };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !j->claim; i++)
		j->claim = claim(h, r, kinds[i]);
	if (h->next.release[0])
		j->next_has_it = cve_upstream_judge(db, r, h->next.upstream).verdict !=
					 CVE_UPSTREAM_AFFECTED ||
				 changelog_has(&h->next_changelog, r->year, r->number);
}

struct cve_judgement cve_judge(const struct cve_host *h, const struct cve_db *db,
			       const struct cve_file_record *r)
{
	struct cve_judgement j = { .built = { .state = BUILT_UNKNOWN } };

	j.upstream = cve_upstream_judge(db, r, h->kernel.upstream);
	if (j.upstream.verdict == CVE_UPSTREAM_NONE) {
		j.verdict = CVE_VERDICT_NONE;
		return j;
	}
	j.in_changelog = changelog_has(&h->changelog, r->year, r->number);
	j.tracker = tracker_row(h, db, r);
	if (by_distribution(h, db, &j))
		return j;
	j.claim = claim(h, r, CVE_CLAIM_LIVE);
	if (j.claim) {
		j.verdict = CVE_VERDICT_PATCHED;
		return j;
	}
	j.built = built_record(&h->built, db, r);
	if (by_configuration(&j))
		return j;
	j.claim = claim(h, r, CVE_CLAIM_WITHHELD);
	if (j.claim)
		j.verdict = CVE_VERDICT_WITHHELD;
	find_way_out(h, db, r, &j);
	return j;
}

uint64_t cve_rank(const struct cve_file_record *r)
{
	uint64_t exploited = (r->flags & CVE_FLAG_RANSOMWARE) ? 2
			     : (r->flags & CVE_FLAG_KEV)      ? 1
							      : 0;

	/* What nobody has scored is put between medium and high. */
	uint64_t score = r->score ? r->score : 65;

	return exploited << 62 | score << 54 | (uint64_t)(r->epss & 0x1ffff) << 36 |
	       (uint64_t)(r->year & 0xfff) << 24 | (r->number & 0xffffff);
}
