/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report-cves: the member "cves" of a report: how many are open of each severity, the worst, and where the host
 * tells them all, each. Pure.
 *
 *	"severity": {"critical": 2, "high": 11, ...}	how many are open
 *	"worst":    [{"id", "severity", "reach"}]	at most 10
 *	"all":	    {"critical": {"2026": [31431, 31433]}, ...}	"CVE-2026-31431", ...
 *
 * Source: docs/formats/fleet.md. Fuzzed by tests/fuzz/fuzz-report.c.
 */
#ifndef OAK_TRUST_FLEET_REPORT_CVES_H
#define OAK_TRUST_FLEET_REPORT_CVES_H

#include "trust/fleet/report.h"

#define REPORT_CVES_MAX 8192 /* in "all" */

/* Rising, so that the gravest is the highest. */
enum report_severity {
	REPORT_SEVERITY_UNKNOWN,
	REPORT_SEVERITY_LOW,
	REPORT_SEVERITY_MEDIUM,
	REPORT_SEVERITY_HIGH,
	REPORT_SEVERITY_CRITICAL,
	REPORT_SEVERITIES /* REPORT_SEVERITY_SORTS */
};

/* How far it goes, by what the host says of it. */
enum report_reach {
	REPORT_REACH_UNKNOWN,
	REPORT_REACH_WITHHELD, /* a level has the fix, and the host holds it back */
	REPORT_REACH_EXPOSED,
	REPORT_REACHES
};

const char *report_severity_name(enum report_severity s);     /* "critical" */
enum report_severity report_severity_parse(const char *name); /* NULL and other words: unknown */
const char *report_reach_name(enum report_reach r);           /* NULL for unknown */

/* Fills what @ret has of CVEs. Errors: OAK_E_FORMAT. */
int report_cves_parse(const json_t *root, struct report *ret, struct oak_error *err) _must_check_;

struct report_cve {
	char id[REPORT_WORD_MAX];
	enum report_severity severity;
	enum report_reach reach;
};

/*
 * All that the report names: of "all", where it is there, then those of "worst" (which may name one again, with
 * its reach). One whose id is too long is left out. @each: 0: go on; else that is returned.
 */
int report_cves_each(const struct report *r,
		     int (*each)(void *ctx, const struct report_cve *cve, struct oak_error *err),
		     void *ctx, struct oak_error *err) _must_check_;

#endif
