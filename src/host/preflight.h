/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * preflight: everything that is checked before a level is loaded, all verdicts at once.
 *
 * To add a check: a function in the file of its subject (preflight-priv.h), a row in the table in
 * preflight.c, a case in tests/unit/test-preflight.c.
 */
#ifndef OAK_HOST_PREFLIGHT_H
#define OAK_HOST_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "host/host.h"

#define PREFLIGHT_CHECKS_MAX 24
#define PREFLIGHT_TEXT_MAX   512

enum preflight_verdict {
	PREFLIGHT_PASS,
	PREFLIGHT_WARN,    /* may be applied; somebody should know */
	PREFLIGHT_UNKNOWN, /* the kernel does not tell */
	PREFLIGHT_FAIL,
};

struct preflight_row {
	const char *id;
	enum preflight_verdict verdict;
	enum oak_code code; /* of a failure */
	char text[PREFLIGHT_TEXT_MAX];
};

struct preflight_report {
	struct preflight_row rows[PREFLIGHT_CHECKS_MAX];
	size_t n;
};

struct preflight_options {
	unsigned pressure_percent; /* of any "some avg10" of PSI; above it: try later; 0: off */
	bool stored;               /* the level lies on this host's disk: it needs no room there */
};

/* @m may be NULL: then only what concerns the host alone is checked. */
void preflight_run(const struct host *h, const struct manifest *m, struct preflight_report *ret);

/*
 * The same with limits; @opt may be NULL. What only loading wants (memory, low pressure, functions
 * without probes) is not asked of a level that is in the kernel already.
 */
void preflight_run_with(const struct host *h, const struct manifest *m,
			const struct preflight_options *opt, struct preflight_report *ret);

/*
 * Before a revert: only what makes it impossible. What forbids loading a level is no reason to
 * keep one, and a level that somebody left in the middle of its transition is to be reverted too.
 */
void preflight_run_revert(const struct host *h, struct preflight_report *ret);

/* The first failure as an error, or 0. The order of the rows is that of importance. */
int preflight_verdict(const struct preflight_report *report, struct oak_error *err) _must_check_;

/* "pass", "warn", "unknown", "fail" */
const char *preflight_verdict_name(enum preflight_verdict v);

/* An array of {check, verdict, text}; NULL when out of memory. */
json_t *preflight_json(const struct preflight_report *report);

#endif
