/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/file.h"

#include <string.h>

#define CHECKSUM sizeof(uint64_t)

const uint32_t cve_entry_sizes[CVE_SECTIONS] = {
	[CVE_SECTION_RECORDS] = sizeof(struct cve_file_record),
	[CVE_SECTION_RANGES] = sizeof(uint32_t),
	[CVE_SECTION_INTERVALS] = sizeof(struct cve_file_interval),
	[CVE_SECTION_FILES] = sizeof(uint32_t),
	[CVE_SECTION_COMMITS] = CVE_COMMIT_BYTES,
	[CVE_SECTION_RELEASES] = sizeof(struct cve_file_release),
	[CVE_SECTION_PATHS] = sizeof(struct cve_file_path),
	[CVE_SECTION_RULES] = sizeof(struct cve_file_rule),
	[CVE_SECTION_CONDITIONS] = sizeof(uint32_t),
	[CVE_SECTION_STRINGS] = 1,
};

int cve_file_damaged(struct oak_error *err, const char *what)
{
	return oak_fail(err, OAK_E_FORMAT,
			"the CVE database is damaged (%s): get it again ('oakum cves --fetch'), or "
			"compile it with 'oakum-repo cves'",
			what);
}

int cve_file_check_header(const void *data, size_t room, size_t len, struct oak_error *err)
{
	const struct cve_file_header *h = data;

	if (room < sizeof(*h) || memcmp(h->magic, CVE_FILE_MAGIC, sizeof(h->magic)) != 0)
		return oak_fail(err, OAK_E_FORMAT,
				"not a CVE database: 'oakum-repo cves' makes one");
	if (h->version != CVE_FILE_VERSION)
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"the CVE database is of version %u, this program reads %u: use the "
				"oakum that belongs to it",
				h->version, CVE_FILE_VERSION);
	if (h->header_size != sizeof(*h) || h->file_size != len || len % 8 != 0 ||
	    len < sizeof(*h) + CHECKSUM || len > CVE_FILE_MAX)
		return cve_file_damaged(err, "its length");
	return 0;
}

int cve_file_check_sections(const struct cve_file_header *h, size_t len, struct oak_error *err)
{
	for (unsigned i = 0; i < CVE_SECTIONS; i++) {
		const struct cve_file_section *s = &h->sections[i];

		if (s->entry_size != cve_entry_sizes[i] || s->off % 8 != 0 || s->off < sizeof(*h) ||
		    s->off > len - CHECKSUM ||
		    (uint64_t)s->n * s->entry_size > len - CHECKSUM - s->off)
			return cve_file_damaged(err, "a section");
	}
	return 0;
}

int cve_file_check(const void *data, size_t len, struct oak_error *err)
{
	uint64_t checksum;
	int r = cve_file_check_header(data, len, len, err);

	if (r < 0)
		return r;
	memcpy(&checksum, (const char *)data + len - CHECKSUM, CHECKSUM);
	if (checksum != cve_checksum(data, len - CHECKSUM))
		return cve_file_damaged(err, "its checksum");
	return cve_file_check_sections(data, len, err);
}
