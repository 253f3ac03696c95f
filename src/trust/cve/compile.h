/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile: records and what others know of them, into one database file.
 *
 * A record that cannot be read is refused by name and counted, the others are kept. The file
 * appears when it is whole, or not at all.
 */
#ifndef OAK_TRUST_CVE_COMPILE_H
#define OAK_TRUST_CVE_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

struct cve_compile_options {
	const char *records; /* a folder or a tar archive of CVE-*.json */
	const char *output;
	const char *debian; /* the security tracker's JSON; NULL: none, as with the others */
	const char *kev;    /* CISA's catalogue, JSON */
	const char *epss;   /* FIRST's scores, CSV */
	const char *source; /* a kernel's source tree */
	const struct progress *progress;
	/* Each refusal, as it comes, in printable ASCII; may be NULL. */
	void (*refused)(void *ctx, const char *name, const char *why);
	void *ctx;
};

/* What another source says of records that are here, and of ids that are not. */
struct cve_overlay_count {
	size_t matched, unmatched;
};

struct cve_compile_report {
	size_t read; /* files that should be records */
	size_t published, rejected, reserved, refused;
	size_t bytes; /* of the database */
	size_t paths, paths_mapped;
	struct cve_overlay_count debian, kev, epss;
	double seconds;
};

/* Errors: OAK_E_NOTFOUND, OAK_E_FORMAT (a damaged archive, no record at all), OAK_E_IO. */
int cve_compile(const struct cve_compile_options *opt, struct cve_compile_report *ret,
		struct oak_error *err) _must_check_;

#endif
