/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file: the form of a CVE database (trust/cve/layout.h), before anything in it is looked at. Pure. */
#ifndef OAK_TRUST_CVE_FILE_H
#define OAK_TRUST_CVE_FILE_H

#include "base/error.h"
#include "trust/cve/layout.h"

extern const uint32_t cve_entry_sizes[CVE_SECTIONS];

/**
 * cve_file_check() - the form of a database: header, checksum, where its sections lie
 * @data: at a multiple of 8
 *
 * What the entries of the sections refer to is not looked at: host/cve/db.h does that. Pure.
 * Errors: OAK_E_FORMAT, OAK_E_UNSUPPORTED (of a later version).
 */
int cve_file_check(const void *data, size_t len, struct oak_error *err) _must_check_;

/* Its parts; @room: bytes that are there, of a file that should have @len. */
int cve_file_check_header(const void *data, size_t room, size_t len, struct oak_error *err)
	_must_check_;
int cve_file_check_sections(const struct cve_file_header *h, size_t len, struct oak_error *err)
	_must_check_;
int cve_file_damaged(struct oak_error *err, const char *what);

#endif
