/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db: the CVE database of trust/cve/layout.h, read where it lies; nothing is copied.
 *
 * Opening checks all of it: form, checksum, every offset and index, so that whoever reads a record
 * afterwards need not. The file is replaced by renaming, never changed in place.
 *
 * db_check() is pure. Fuzzed by tests/fuzz/fuzz-cve-db.c.
 */
#ifndef OAK_HOST_CVE_DB_H
#define OAK_HOST_CVE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "trust/cve/layout.h"

#define CVE_DB_PATH "var/lib/oakum/cves.db"

struct cve_db {
	struct mapping map;
	const struct cve_file_header *header;
	const struct cve_file_record *records;
	size_t n;
	const uint32_t *ranges;
	const struct cve_file_interval *intervals;
	const uint32_t *files;
	const uint8_t *commits;
	const struct cve_file_release *releases;
	const struct cve_file_path *paths;
	const struct cve_file_rule *rules;
	const uint32_t *conditions;
	const char *strings;
};

/**
 * cve_db_check() - bytes that are a database
 * @data: at a multiple of 8; borrowed as long as @ret is used
 *
 * Errors: OAK_E_FORMAT (no database, damaged), OAK_E_UNSUPPORTED (of a later version).
 */
int cve_db_check(const void *data, size_t len, struct cve_db *ret, struct oak_error *err)
	_must_check_;

/* Errors: those, OAK_E_NOTFOUND, OAK_E_IO. */
int cve_db_open(int dirfd, const char *path, struct cve_db *ret, struct oak_error *err)
	_must_check_;
void cve_db_close(struct cve_db *db); /* also the guard */

/* By id; NULL where there is none. */
const struct cve_file_record *cve_db_find(const struct cve_db *db, uint32_t year, uint32_t number);

static inline const char *cve_db_text(const struct cve_db *db, uint32_t off)
{
	return db->strings + off;
}

/* File number @i of a record. */
static inline const struct cve_file_path *cve_db_path(const struct cve_db *db,
						      const struct cve_file_record *r, uint32_t i)
{
	return &db->paths[db->files[r->files + i]];
}

#endif
