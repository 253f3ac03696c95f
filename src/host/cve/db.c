/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/db.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "trust/cve/file.h"
#include "trust/severity.h"

static uint32_t count(const struct cve_db *db, enum cve_section s)
{
	return db->header->sections[s].n;
}

static bool within(const struct cve_db *db, enum cve_section s, uint32_t first, uint32_t n)
{
	return first <= count(db, s) && n <= count(db, s) - first;
}

static bool is_string(const struct cve_db *db, uint32_t off)
{
	return off < count(db, CVE_SECTION_STRINGS);
}

/* All of it printable, so that no text needs care on its way to a terminal. */
static bool strings_are_fine(const struct cve_db *db)
{
	uint32_t n = count(db, CVE_SECTION_STRINGS);

	if (n == 0 || db->strings[0] || db->strings[n - 1])
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (db->strings[i] && (db->strings[i] < ' ' || db->strings[i] > '~'))
			return false;
	return true;
}

static bool paths_are_fine(const struct cve_db *db)
{
	for (uint32_t i = 0; i < count(db, CVE_SECTION_PATHS); i++)
		if (!is_string(db, db->paths[i].name) ||
		    !within(db, CVE_SECTION_RULES, db->paths[i].rules, db->paths[i].n_rules))
			return false;
	for (uint32_t i = 0; i < count(db, CVE_SECTION_RULES); i++)
		if (!is_string(db, db->rules[i].module) ||
		    !within(db, CVE_SECTION_CONDITIONS, db->rules[i].conditions,
			    db->rules[i].n_conditions))
			return false;
	for (uint32_t i = 0; i < count(db, CVE_SECTION_CONDITIONS); i++)
		if (!is_string(db, db->conditions[i]))
			return false;
	return true;
}

static bool lists_are_fine(const struct cve_db *db)
{
	for (uint32_t i = 0; i < count(db, CVE_SECTION_RANGES); i++)
		if (CVE_RANGE_INTERVAL(db->ranges[i]) >= count(db, CVE_SECTION_INTERVALS))
			return false;
	for (uint32_t i = 0; i < count(db, CVE_SECTION_FILES); i++)
		if (db->files[i] >= count(db, CVE_SECTION_PATHS))
			return false;
	for (uint32_t i = 0; i < count(db, CVE_SECTION_RELEASES); i++) {
		const struct cve_file_release *r = &db->releases[i];

		if (!is_string(db, r->package) || !is_string(db, r->release) ||
		    !is_string(db, r->fixed) || r->status > CVE_RELEASE_UNDETERMINED)
			return false;
	}
	return true;
}

static int order(const struct cve_file_record *r, uint32_t year, uint32_t number)
{
	if (r->year != year)
		return r->year < year ? -1 : 1;
	return (r->number > number) - (r->number < number);
}

static bool record_is_fine(const struct cve_db *db, const struct cve_file_record *r)
{
	return r->state <= CVE_RESERVED && r->n_entries <= CVE_ENTRIES_MAX &&
	       r->severity <= 1 + SEVERITY_CRITICAL && r->score <= 100 && r->epss <= 100000 &&
	       r->percentile <= 100000 && is_string(db, r->title) && is_string(db, r->vector) &&
	       within(db, CVE_SECTION_RANGES, r->ranges, r->n_ranges) &&
	       within(db, CVE_SECTION_FILES, r->files, r->n_files) &&
	       within(db, CVE_SECTION_COMMITS, r->commits, r->n_commits) &&
	       within(db, CVE_SECTION_RELEASES, r->releases, r->n_releases);
}

static bool records_are_fine(const struct cve_db *db)
{
	for (size_t i = 0; i < db->n; i++) {
		const struct cve_file_record *r = &db->records[i];

		if (!record_is_fine(db, r) ||
		    (i && order(&db->records[i - 1], r->year, r->number) >= 0))
			return false;
	}
	return true;
}

int cve_db_check(const void *data, size_t len, struct cve_db *ret, struct oak_error *err)
{
	const struct cve_file_header *h = data;
	const char *base = data;
	int r = cve_file_check(data, len, err);

	if (r < 0)
		return r;
	const struct cve_db db = {
		.header = h,
		.n = h->sections[CVE_SECTION_RECORDS].n,
		.records = (const void *)(base + h->sections[CVE_SECTION_RECORDS].off),
		.ranges = (const void *)(base + h->sections[CVE_SECTION_RANGES].off),
		.intervals = (const void *)(base + h->sections[CVE_SECTION_INTERVALS].off),
		.files = (const void *)(base + h->sections[CVE_SECTION_FILES].off),
		.commits = (const void *)(base + h->sections[CVE_SECTION_COMMITS].off),
		.releases = (const void *)(base + h->sections[CVE_SECTION_RELEASES].off),
		.paths = (const void *)(base + h->sections[CVE_SECTION_PATHS].off),
		.rules = (const void *)(base + h->sections[CVE_SECTION_RULES].off),
		.conditions = (const void *)(base + h->sections[CVE_SECTION_CONDITIONS].off),
		.strings = base + h->sections[CVE_SECTION_STRINGS].off,
	};

	if (!strings_are_fine(&db))
		return cve_file_damaged(err, "its texts");
	if (!paths_are_fine(&db) || !lists_are_fine(&db))
		return cve_file_damaged(err, "its lists");
	if (!records_are_fine(&db))
		return cve_file_damaged(err, "its records");
	*ret = db;
	return 0;
}

int cve_db_open(int dirfd, const char *path, struct cve_db *ret, struct oak_error *err)
{
	_cleanup_(mapping_close) struct mapping map = { 0 };
	int r = mapping_open(dirfd, path, &map, err);

	if (r < 0)
		return r;
	r = cve_db_check(map.data, map.len, ret, err);
	if (r < 0)
		return oak_context(err, "%s", path);
	ret->map = map;
	map = (struct mapping){ 0 };
	return 0;
}

void cve_db_close(struct cve_db *db)
{
	mapping_close(&db->map);
	*db = (struct cve_db){ 0 };
}

const struct cve_file_record *cve_db_find(const struct cve_db *db, uint32_t year, uint32_t number)
{
	size_t lo = 0, hi = db->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int o = order(&db->records[mid], year, number);

		if (o == 0)
			return &db->records[mid];
		if (o < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
