/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: the findings as documents for other programs, and the table of checks.
 *
 * NULL when out of memory; the caller drops the reference or frees. Shape: docs/formats/audit.md.
 */
#ifndef OAK_AUDIT_REPORT_H
#define OAK_AUDIT_REPORT_H

#include "audit/audit.h"
#include "audit/score.h"
#include "base/json.h"

json_t *report_json(const struct audit *a, const struct score *s);
json_t *report_sarif(const struct audit *a); /* 2.1.0 */
char *report_junit(const struct audit *a);   /* XML */

/* The table: each check with its group; those not automated with the reason. */
json_t *report_checks_json(void);
char *report_checks_markdown(void);

#endif
