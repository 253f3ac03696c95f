/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay: what others say of the records: the Debian security tracker (data/json), CISA's
 * catalogue of known exploited vulnerabilities, FIRST's exploit prediction scores. A row that is
 * malformed is an error of the whole file: it is one that the publisher chose, and may be cut off.
 *
 * The parsers are pure. Fuzzed by tests/fuzz/fuzz-cve-overlay.c.
 */
#ifndef OAK_TRUST_CVE_OVERLAY_H
#define OAK_TRUST_CVE_OVERLAY_H

#include <stddef.h>

#include "base/error.h"
#include "trust/cve/catalog.h"
#include "trust/cve/compile.h"

#define OVERLAY_ROW_MAX (1u << 20) /* bytes of one CVE in the tracker's or CISA's file */

typedef int (*overlay_parse)(struct cve_catalog *c, const char *data, size_t len,
			     struct cve_overlay_count *ret, struct oak_error *err);

/* All errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int overlay_debian(struct cve_catalog *c, const char *data, size_t len,
		   struct cve_overlay_count *ret, struct oak_error *err) _must_check_;
int overlay_kev(struct cve_catalog *c, const char *data, size_t len, struct cve_overlay_count *ret,
		struct oak_error *err) _must_check_;
int overlay_epss(struct cve_catalog *c, const char *data, size_t len, struct cve_overlay_count *ret,
		 struct oak_error *err) _must_check_;

#endif
