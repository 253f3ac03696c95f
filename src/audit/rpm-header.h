/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpm-header: what rpm knows of a package, as it stands in its database: one header of version 4,
 * without the magic number that a package file has before it.
 *
 *	n_entries, n_bytes                  two numbers
 *	{ tag, type, offset, count } ...    n_entries of them, four numbers each
 *	the values                          n_bytes; offsets count from here
 *
 * All numbers are big-endian and of 32 bits. A text ends with NUL; a list of texts is one after the
 * other. Pure and bounded: nothing is copied, and what is damaged has no values. Source: rpm's own
 * description of the format of its packages, and databases that rpm 4.18 wrote.
 */
#ifndef OAK_AUDIT_RPM_HEADER_H
#define OAK_AUDIT_RPM_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum rpm_tag {
	RPM_NAME = 1000,
	RPM_VERSION = 1001,
	RPM_RELEASE = 1002,
	RPM_EPOCH = 1003,
	RPM_CHANGELOG_NAME = 1081, /* "A Person <a@b.org> - 4:1.1.9-2" */
	RPM_CHANGELOG_TEXT = 1082,
	RPM_DIR_INDEXES = 1116, /* of each file, which of the folders */
	RPM_BASE_NAMES = 1117,
	RPM_DIR_NAMES = 1118, /* "/usr/bin/" */
};

/* Borrows the bytes. */
struct rpm_header {
	const uint8_t *index, *values;
	size_t n, len;
};

/* A list of texts that is walked. */
struct rpm_texts {
	const uint8_t *p;
	size_t len, n; /* that are left */
};

/* False where the sizes do not fit the bytes. */
bool rpm_header_parse(const uint8_t *data, size_t len, struct rpm_header *ret);

/* The text, or the first of a list; NULL where there is none. */
const char *rpm_header_text(const struct rpm_header *h, enum rpm_tag tag);

/* Number @i of a list. */
bool rpm_header_u32(const struct rpm_header *h, enum rpm_tag tag, size_t i, uint32_t *ret);

/* All texts; none where there is no such list. */
struct rpm_texts rpm_header_texts(const struct rpm_header *h, enum rpm_tag tag);
const char *rpm_texts_next(struct rpm_texts *t); /* NULL after the last */

/* The path of file @i; false where there is none, or it is longer. */
bool rpm_header_file(const struct rpm_header *h, size_t i, char *ret, size_t size);

/* "4:1.1.9-2.el9": with the epoch where there is one. */
bool rpm_header_version(const struct rpm_header *h, char *ret, size_t size);

/*
 * The changelog's youngest entries, of about @max bytes, as dpkg_changelog_names() reads them:
 * "runc (4:1.1.9-2)", then lines that begin with a blank. "()" where an entry tells no version.
 * 0 or -ENOMEM.
 */
int rpm_header_changelog(const struct rpm_header *h, size_t max, struct buf *ret) _must_check_;

#endif
