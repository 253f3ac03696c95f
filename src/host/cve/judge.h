/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge: the verdict for each CVE on the kernel that runs here, and what it rests on.
 *
 * In this order, the first that holds:
 *
 *	none            the record was rejected, or is only reserved
 *	not-affected    by version the kernel never had the code, or its distribution says so
 *	fixed           by version, by the package's changelog, or by the distribution's tracker
 *	patched-live    by the level in the kernel: see host/cve/claims.h
 *	not-built       none of its files is in this kernel or a module of it
 *	not-loaded-and-blocked, module-not-loaded
 *	withheld        a level has it that policy holds back
 *	exposed         all else
 *
 * Where the distribution's tracker says "open" and the version says "never had it", the kernel is
 * taken as affected: its package may have more than its upstream version.
 *
 * Pure but for cve_host_read().
 */
#ifndef OAK_HOST_CVE_JUDGE_H
#define OAK_HOST_CVE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/cve/built.h"
#include "host/cve/changelog.h"
#include "host/cve/claims.h"
#include "host/cve/db.h"
#include "host/cve/kernel.h"
#include "host/cve/upstream.h"

enum cve_verdict {
	CVE_VERDICT_EXPOSED,
	CVE_VERDICT_WITHHELD,
	CVE_VERDICT_MODULE_NOT_LOADED,
	CVE_VERDICT_BLOCKED,
	CVE_VERDICT_NOT_BUILT,
	CVE_VERDICT_PATCHED,
	CVE_VERDICT_FIXED,
	CVE_VERDICT_NOT_AFFECTED,
	CVE_VERDICT_NONE,
	CVE_VERDICTS,
};

/* "exposed", "module-not-loaded", "not-loaded-and-blocked", ... */
const char *cve_verdict_name(enum cve_verdict v);

/* CVE_VERDICTS for no such name. */
enum cve_verdict cve_verdict_parse(const char *name);

#define CVE_CODENAME_MAX 64

struct cve_host {
	struct cve_kernel kernel;
	struct changelog changelog;
	char changelog_why[256];         /* why it could not be used; "" */
	char codename[CVE_CODENAME_MAX]; /* "bookworm"; "" */
	struct built built;
	struct cve_claims claims; /* the caller's to fill */
	/* A newer kernel that is installed and not booted: "" and zero where there is none. */
	struct cve_kernel next;
	struct changelog next_changelog;
	int64_t next_since_s; /* when it was installed */
};

/* All but the claims. Errors: OAK_E_UNSUPPORTED (see host/cve/kernel.h), OAK_E_NOMEM. */
int cve_host_read(int root, struct cve_host *ret, struct oak_error *err) _must_check_;
void cve_host_free(struct cve_host *h); /* also the guard */

enum cve_fixed_by {
	CVE_FIXED_BY_VERSION,
	CVE_FIXED_BY_CHANGELOG,
	CVE_FIXED_BY_TRACKER,
};

struct cve_judgement {
	enum cve_verdict verdict;
	struct cve_upstream_why upstream;
	enum cve_fixed_by by; /* of "fixed" and "not-affected" */
	bool in_changelog;
	const struct cve_file_release *tracker; /* of this distribution's release, or NULL */
	struct built_why built;                 /* only of what would be exposed without it */
	const struct cve_claim *claim;          /* that made the verdict, or is a way out */
	bool next_has_it;                       /* the newer kernel that is installed is fixed */
};

struct cve_judgement cve_judge(const struct cve_host *h, const struct cve_db *db,
			       const struct cve_file_record *r);

/* Why, and what to do about it, one line each without a newline. 0 or -ENOMEM. */
int cve_judgement_reason(const struct cve_host *h, const struct cve_db *db,
			 const struct cve_judgement *j, struct buf *ret) _must_check_;
int cve_judgement_way_out(const struct cve_host *h, const struct cve_judgement *j, struct buf *ret)
	_must_check_;

/* The graver, the greater: known to be exploited, severity, how likely, how new. */
uint64_t cve_rank(const struct cve_file_record *r);

#endif
