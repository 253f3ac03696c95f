/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: one question that the audit asks, as one row of a table in a check-*.c file.
 *
 * A row answers by its rule (audit/rule.h) or by its function; one with neither is not automated
 * and says why. Ids are stable: those of the Docker Benchmark as they are ("2.4", "5.31"), ours
 * with a word before ("sysctl.kernel.kptr_restrict", "cve.runc.CVE-2024-21626").
 *
 * To add a check: one row, a good and a bad case in tests/unit/test-audit-*.c, and
 * "oakum audit --checks --markdown >docs/checks.md".
 */
#ifndef OAK_AUDIT_CHECK_H
#define OAK_AUDIT_CHECK_H

#include <stddef.h>

/* Worst first: findings are sorted by this. */
enum audit_verdict {
	AUDIT_FAIL,
	AUDIT_WARN,         /* a risk that many accept, or advice */
	AUDIT_CONFLICT,     /* advice of others that would break live patching or containers */
	AUDIT_UNKNOWN,      /* what would tell cannot be read */
	AUDIT_INFO,         /* for people to judge */
	AUDIT_INAPPLICABLE, /* what it asks about is not here */
	AUDIT_PASS,
	AUDIT_VERDICTS /* how many there are */
};

/* Rising; the score weighs by it. */
enum audit_severity {
	AUDIT_LOW,
	AUDIT_MEDIUM,
	AUDIT_HIGH,
	AUDIT_CRITICAL,
	AUDIT_SEVERITIES /* how many there are */
};

/* "fail", "warn", "conflict", "unknown", "info", "not-applicable", "pass" */
const char *audit_verdict_name(enum audit_verdict v);

/* "low", "medium", "high", "critical" */
const char *audit_severity_name(enum audit_severity s);

/* 0, or -EINVAL for no such name. */
int audit_severity_parse(const char *name, enum audit_severity *ret)
	__attribute__((warn_unused_result));

struct audit;
struct audit_container;

struct audit_check {
	const char *id;
	const char *title; /* what should be so */
	const char *why;
	const char *fix;
	const char *source; /* who asks for it; NULL: the table's */
	enum audit_severity severity;

	const char *rule;             /* what should hold; see audit/rule.h */
	enum audit_verdict otherwise; /* the verdict where the rule does not hold */
	const char *since;            /* the first kernel that has what the rule asks for */

	/* At most one of them. */
	void (*run)(struct audit *a, const struct audit_check *c);
	void (*run_container)(struct audit *a, const struct audit_check *c,
			      const struct audit_container *ct);
	const void *arg; /* what the function needs beside the row */

	const char *manual; /* why it is not automated */
};

struct audit_table {
	const char *group;  /* a stable word: "kernel-sysctl" */
	const char *title;  /* for people */
	const char *source; /* of rows that name none */
	const struct audit_check *rows;
	size_t n;
};

/* All tables, in the order of reports; ends with a table of no rows. */
extern const struct audit_table *const audit_tables[];

#define AUDIT_ROWS(table) .rows = (table), .n = sizeof(table) / sizeof((table)[0])

#endif
