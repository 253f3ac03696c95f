/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: one record of the kernel's CVE authority (CVE JSON 5), cut down to what a verdict needs.
 *
 * Of "affected" only entries of the product "Linux" count; of their "versions" the ranges of type
 * git are kept as the commits that fix, all others as half-open intervals. What a range says must
 * be understood in full, or the record is refused: half a record would give wrong verdicts.
 * Source: cve-schema 5.1; docs/formats/cves.md.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-cve-record.c.
 */
#ifndef OAK_TRUST_CVE_RECORD_H
#define OAK_TRUST_CVE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "trust/cve/layout.h"

#define CVE_RECORD_BYTES_MAX (1u << 20) /* the largest of 2026 has 20 KB */
#define CVE_ID_MAX           24         /* "CVE-2024-26581" with the NUL */
#define CVE_RANGES_MAX       4096u      /* of one record */
#define CVE_FILES_MAX        4096u
#define CVE_COMMITS_MAX      4096u
#define CVE_RELEASES_MAX     64u
#define CVE_TITLE_MAX        256

struct cve_range {
	uint64_t lo, hi;
	uint8_t entry;
	bool affected;
	enum cve_range_kind kind;
};

struct cve_release {
	char *package, *release, *fixed;
	enum cve_release_status status;
};

struct cve_record {
	uint32_t year, number;
	enum cve_state state;
	char title[CVE_TITLE_MAX]; /* printable ASCII */
	char vector[128];
	uint8_t severity, score; /* as in struct cve_file_record */
	uint8_t n_entries, defaults;
	struct cve_range *ranges; /* in the order of the record: the first that matches counts */
	size_t n_ranges;
	char **files;
	size_t n_files;
	uint8_t (*commits)[CVE_COMMIT_BYTES];
	size_t n_commits;
	/* From other sources: */
	uint8_t flags;
	uint32_t epss, percentile, kev_date;
	struct cve_release *releases;
	size_t n_releases;
};

/**
 * cve_record_parse() - one document
 * @what: names it in messages
 * @ret:  on success owned by the caller
 *
 * Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM; the message begins with @what.
 */
int cve_record_parse(const void *data, size_t len, const char *what, struct cve_record **ret,
		     struct oak_error *err) _must_check_;

void cve_record_free(struct cve_record *r); /* NULL is fine */
DEFINE_CLEANUP(struct cve_record *, cve_record_free)

/* Cut at @size, always terminated; what is not printable ASCII becomes "?". */
void cve_printable(char *ret, size_t size, const char *from);

/* "CVE-2024-26581", nothing around it. 0 or -EINVAL. */
int cve_id_parse(const char *text, uint32_t *ret_year, uint32_t *ret_number) _must_check_;

void cve_id_format(uint32_t year, uint32_t number, char ret[CVE_ID_MAX]);

#endif
