/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit-fixture: one check over a fake root, and what it found. */
#ifndef OAK_AUDIT_FIXTURE_H
#define OAK_AUDIT_FIXTURE_H

#include "audit/audit.h"
#include "fake-tree.h"

#define AUDIT_NOW 1795000000 /* 2026-11-18 */

/* Runs the check (or group) @id alone; the caller clears. */
static inline _unused_ struct audit audit_one(int root, const char *id)
{
	const char *const only[] = { id, NULL };
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	struct audit a = { .n = 0 };
	struct oak_error err;

	EXPECT(audit_run(root, &opt, &a, &err) == 0);
	return a;
}

/* "verdict: file: value; file: value", or "" where there is no finding. */
static inline _unused_ void audit_describe(const struct finding *f, struct buf *ret)
{
	ret->len = 0;
	EXPECT(buf_add_str(ret, audit_verdict_name(f->verdict)) == 0);
	for (size_t i = 0; i < f->n_seen; i++)
		EXPECT(buf_printf(ret, "%s %s: %s", i ? ";" : ":", f->seen[i].file,
				  f->seen[i].value) == 0);
}

/* The check has exactly one finding, of that verdict. */
static inline _unused_ void expect_verdict(int root, const char *id, enum audit_verdict want)
{
	_cleanup_(audit_clear) struct audit a = audit_one(root, id);

	EXPECT(a.n == 1);
	EXPECT_STR(audit_verdict_name(a.findings[0].verdict), audit_verdict_name(want));
	EXPECT(a.findings[0].n_seen > 0);
}

/* The same, with all of its evidence; see audit_describe(). */
static inline _unused_ void expect_finding(int root, const char *id, const char *want)
{
	_cleanup_(audit_clear) struct audit a = audit_one(root, id);
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT(a.n == 1);
	audit_describe(&a.findings[0], &b);
	EXPECT_STR(buf_str(&b), want);
}

/* Of @n findings, number @i has that verdict and subject. */
static inline _unused_ void expect_subject(int root, const char *id, size_t n, size_t i,
					   enum audit_verdict want, const char *subject)
{
	_cleanup_(audit_clear) struct audit a = audit_one(root, id);

	EXPECT(a.n == n);
	EXPECT_STR(audit_verdict_name(a.findings[i].verdict), audit_verdict_name(want));
	EXPECT_STR(a.findings[i].subject, subject);
}

/* Every row of the group is in the list of ids. */
static inline _unused_ void expect_all_of(const char *group, const char *const *ids, size_t n)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		if (strcmp(audit_tables[i]->group, group) != 0)
			continue;
		for (size_t k = 0; k < audit_tables[i]->n; k++) {
			bool found = audit_tables[i]->rows[k].manual != NULL;

			test_case = audit_tables[i]->rows[k].id;
			for (size_t m = 0; m < n; m++)
				found = found || strcmp(ids[m], test_case) == 0;
			EXPECT(found);
		}
	}
	test_case = NULL;
}

#endif
