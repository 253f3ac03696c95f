/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict: what matters in a picture, worst first: the headline of "oakum status", the state of the
 * Nagios plugin, what the message of the day warns of.
 *
 * Pure. To add a finding: a function and a row in the table in verdict.c, a case in
 * tests/unit/test-verdict.c.
 */
#ifndef OAK_AGENT_VERDICT_H
#define OAK_AGENT_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "agent/picture.h"
#include "base/buf.h"

/* The numbers are the exit statuses of a Nagios plugin. */
enum verdict {
	VERDICT_OK = 0,
	VERDICT_WARNING = 1,
	VERDICT_CRITICAL = 2,
	VERDICT_UNKNOWN = 3,
};

/* "OK", "WARNING", "CRITICAL", "UNKNOWN" */
const char *verdict_name(enum verdict v);

/* Seconds. */
struct verdict_limits {
	int64_t check_warning, check_critical; /* age of the last check that was answered */
	int64_t expiry_warning;                /* before the trusted metadata expires */
};

/* A day, three days; two hours: the timestamp lives for a day and is renewed long before. */
#define VERDICT_LIMITS_OTHERWISE                                                           \
	{                                                                                  \
		.check_warning = 24 * INT64_C(3600), .check_critical = 72 * INT64_C(3600), \
		.expiry_warning = 2 * INT64_C(3600),                                       \
	}

/* A CVE database is called old after that: the kernel's authority publishes records each day. */
#define VERDICT_CVES_OLD_S (14 * INT64_C(86400))

#define VERDICT_FINDINGS_MAX 24
#define VERDICT_TEXT_MAX     768

struct verdict_finding {
	const char *id; /* stable: "stale", "withheld" */
	enum verdict verdict;
	char text[VERDICT_TEXT_MAX]; /* one line, printable */
};

struct verdict_report {
	struct verdict_finding findings[VERDICT_FINDINGS_MAX]; /* worst first */
	size_t n;
	enum verdict worst;          /* OK where there is none */
	char good[VERDICT_TEXT_MAX]; /* what holds: "level 3 is applied, 12 CVEs are closed" */
};

void verdict_of(const struct picture *p, const struct verdict_limits *limits, int64_t now_s,
		struct verdict_report *ret);

/*
 * The line of a Nagios plugin: "OAKUM WARNING - text; text | level=3 ...", with its newline. Its
 * exit status is @v->worst. Source: Monitoring Plugins Development Guidelines. Errors: OAK_E_NOMEM.
 */
int verdict_nagios(const struct picture *p, const struct verdict_report *v,
		   const struct verdict_limits *limits, int64_t now_s, struct buf *ret,
		   struct oak_error *err) _must_check_;

#endif
