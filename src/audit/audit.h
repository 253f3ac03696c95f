/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: every check over this host, and the findings.
 *
 * Nothing is run and nothing is asked: all comes from files below the root. What cannot be read is
 * a finding "unknown", never an error.
 */
#ifndef OAK_AUDIT_AUDIT_H
#define OAK_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/check.h"
#include "audit/context.h"
#include "base/error.h"

#define AUDIT_SUBJECT_MAX 320

/* Evidence: a file and what it said; both safe for a terminal. */
struct audit_seen {
	char *file;
	char *value;
};

struct finding {
	const struct audit_table *table;
	const struct audit_check *check;
	enum audit_verdict verdict;
	const char *subject; /* "host", "engine docker", "container docker/web"; the audit's */
	struct audit_seen *seen;
	size_t n_seen;
	char *fix;            /* NULL: the check's */
	const char *accepted; /* by the baseline: why; borrowed from it */
};

struct audit {
	struct audit_context ctx;
	const struct audit_table *table; /* whose check runs */
	struct finding *findings;
	size_t n, cap;
	char **subjects; /* each but once in a row */
	size_t n_subjects;
	size_t containers; /* that were looked at */
	bool oom;          /* something is missing for want of memory */
};

struct audit_options {
	const char *const *only; /* groups or ids, NULL-terminated; NULL: all */
	int64_t now;             /* seconds since 1970, for the age of images */
};

/* Errors: OAK_E_NOMEM, OAK_E_NOTFOUND (a word of @only names neither group nor id). */
int audit_run(int root, const struct audit_options *opt, struct audit *ret, struct oak_error *err)
	__attribute__((warn_unused_result));
void audit_clear(struct audit *a); /* zero is fine; also the guard */

/*
 * For checks: a new finding, valid until the next. NULL when out of memory: @a keeps that, and
 * what adds to a finding takes NULL.
 */
struct finding *audit_find(struct audit *a, const struct audit_check *c, const char *subject,
			   enum audit_verdict v);

/* Adds evidence; @value may hold anything, it is made plain and cut. */
void audit_saw(struct audit *a, struct finding *f, const char *file, const char *value);
void audit_sawf(struct audit *a, struct finding *f, const char *file, const char *fmt, ...)
	_printf_(4, 5);

/* A fix that fits this finding better than the check's. */
void audit_fixf(struct audit *a, struct finding *f, const char *fmt, ...) _printf_(3, 4);

/* The check that has the id, or NULL. */
const struct audit_check *audit_check_by_id(const char *id, const struct audit_table **ret_table);

const char *finding_fix(const struct finding *f);
const char *finding_source(const struct finding *f);

/* Fails or warns, and no baseline accepts it. */
bool finding_counts(const struct finding *f);

#endif
