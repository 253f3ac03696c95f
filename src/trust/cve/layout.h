/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout: the CVE database as it lies on disk; docs/formats/cves.md describes it. Little-endian,
 * every section at a multiple of 8 bytes, read where it lies. oakum-repo writes it
 * (trust/cve/write.c), hosts read it (host/cve/db.c).
 */
#ifndef OAK_TRUST_CVE_LAYOUT_H
#define OAK_TRUST_CVE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define CVE_FILE_MAGIC   "OAKUMCVE"
#define CVE_FILE_VERSION 1u
#define CVE_FILE_MAX     (64u << 20) /* bytes; the kernel's records of 2026 take 5 MiB */
#define CVE_RECORDS_MAX  1000000u
#define CVE_ENTRIES_MAX  8u
#define CVE_COMMIT_BYTES 20u

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is read where it lies");

enum cve_section {
	CVE_SECTION_RECORDS,    /* struct cve_file_record, rising by year and number */
	CVE_SECTION_RANGES,     /* uint32_t: CVE_RANGE_... */
	CVE_SECTION_INTERVALS,  /* struct cve_file_interval */
	CVE_SECTION_FILES,      /* uint32_t: index of a path */
	CVE_SECTION_COMMITS,    /* CVE_COMMIT_BYTES each */
	CVE_SECTION_RELEASES,   /* struct cve_file_release */
	CVE_SECTION_PATHS,      /* struct cve_file_path, rising by name */
	CVE_SECTION_RULES,      /* struct cve_file_rule */
	CVE_SECTION_CONDITIONS, /* uint32_t: a string, "CONFIG_NF_TABLES" */
	CVE_SECTION_STRINGS,    /* bytes: texts, each with its NUL; the first is empty */
	CVE_SECTIONS,
};

struct cve_file_section {
	uint64_t off;
	uint32_t n;          /* entries */
	uint32_t entry_size; /* bytes */
};

enum cve_source {
	CVE_SOURCE_DEBIAN = 1u << 0,
	CVE_SOURCE_KEV = 1u << 1,
	CVE_SOURCE_EPSS = 1u << 2,
	CVE_SOURCE_KBUILD = 1u << 3,
};

struct cve_file_header {
	char magic[8];
	uint32_t version;
	uint32_t header_size;
	uint64_t file_size; /* with the checksum, the last 8 bytes: Fletcher-64 of all before */
	int64_t as_of_s;    /* the newest record's time */
	uint32_t refused;   /* records that could not be read when it was compiled */
	uint32_t sources;   /* enum cve_source */
	uint64_t kbuild;    /* packed version of the source tree behind the rules; 0: none */
	struct cve_file_section sections[CVE_SECTIONS];
};

enum cve_state {
	CVE_PUBLISHED,
	CVE_REJECTED,
	CVE_RESERVED,
};

#define CVE_FLAG_KEV        1u
#define CVE_FLAG_RANSOMWARE 2u
#define CVE_FLAG_EPSS       4u

struct cve_file_record {
	uint32_t number;
	uint16_t year;
	uint8_t state;     /* enum cve_state */
	uint8_t n_entries; /* of the record's "affected" */
	uint8_t defaults;  /* bit i: entry i says "affected" where no range matches */
	uint8_t severity;  /* 0: not scored; else 1 + enum severity */
	uint8_t score;     /* CVSS base score in tenths */
	uint8_t flags;     /* CVE_FLAG_... */
	uint32_t epss;     /* probability and percentile in units of 0.00001 */
	uint32_t percentile;
	uint32_t kev_date; /* 20240530 */
	uint32_t title;    /* offsets of strings */
	uint32_t vector;
	uint32_t ranges, n_ranges; /* first, count */
	uint32_t files, n_files;
	uint32_t commits, n_commits;
	uint32_t releases, n_releases;
};

/* How a range was written: what tells a fix from a version that never had the code. */
enum cve_range_kind {
	CVE_RANGE_PLAIN,    /* "lessThan", or "lessThanOrEqual" of a version */
	CVE_RANGE_EXACT,    /* "version" alone */
	CVE_RANGE_BRANCH,   /* "lessThanOrEqual": "6.1.*": from here on fixed in that branch */
	CVE_RANGE_ORIGINAL, /* "original_commit_for_fix": from here on fixed in mainline */
};

#define CVE_RANGE_KIND(r)     ((enum cve_range_kind)((r)&3u))
#define CVE_RANGE_AFFECTED(r) (((r) >> 2) & 1u)
#define CVE_RANGE_ENTRY(r)    (((r) >> 3) & 7u)
#define CVE_RANGE_INTERVAL(r) ((r) >> 6)

struct cve_file_interval {
	uint64_t lo, hi; /* packed versions (trust/cve/version.h), the second not in it */
};

enum cve_release_status {
	CVE_RELEASE_OPEN,
	CVE_RELEASE_RESOLVED,
	CVE_RELEASE_UNDETERMINED,
};

struct cve_file_release {
	uint32_t package; /* offsets of strings: "linux", "bookworm", "6.1.82-1" ("0": never had it) */
	uint32_t release;
	uint32_t fixed;
	uint32_t status; /* enum cve_release_status */
};

struct cve_file_path {
	uint32_t name;
	uint32_t rules, n_rules; /* none: where it is compiled is not known */
};

/* The file is compiled where all conditions hold; one of several rules is enough. */
struct cve_file_rule {
	uint32_t module; /* "net/netfilter/nf_tables": what it is part of, as a module; 0: never one */
	uint32_t conditions, n_conditions;
};

/**
 * cve_checksum() - Fletcher-64: finds damage; who wrote the file is the repository's to prove
 * @len: a multiple of 4
 */
uint64_t cve_checksum(const void *data, size_t len);

#endif
