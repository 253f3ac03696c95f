/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: the findings as documents for other programs, and the table of checks.
 *
 * Documents of thousands of findings are handed out in pieces, so that none is ever whole in memory.
 * Shape: docs/formats/audit.md.
 */
#ifndef OAK_AUDIT_REPORT_H
#define OAK_AUDIT_REPORT_H

#include "audit/audit.h"
#include "audit/score.h"
#include "base/json.h"

/* Takes a piece of text; 0, or an error that ends the report. */
typedef int report_out(void *ctx, const char *text, struct oak_error *err);

/* Errors: OAK_E_NOMEM, and those of @out. */
int report_json(const struct audit *a, const struct score *s, report_out *out, void *ctx,
		struct oak_error *err) _must_check_;
int report_sarif(const struct audit *a, report_out *out, void *ctx, struct oak_error *err)
	_must_check_; /* 2.1.0 */
int report_junit(const struct audit *a, report_out *out, void *ctx, struct oak_error *err)
	_must_check_; /* XML */

/* One value: dumps it, drops the reference, hands the text out. For the documents above. */
int report_value(json_t *j, report_out *out, void *ctx, struct oak_error *err) _must_check_;

/* NULL when out of memory; the caller drops the reference, or frees. */
/* The table: each check with its group; those not automated with the reason. */
json_t *report_checks_json(void);
char *report_checks_markdown(void);

#endif
