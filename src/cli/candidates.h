/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidates: the CVEs of one kernel that are worth a live patch, the gravest first. */
#ifndef OAK_CLI_CANDIDATES_H
#define OAK_CLI_CANDIDATES_H

#include <stddef.h>

#include "cli/cli.h"
#include "host/cve/fixes.h"
#include "host/cve/judge.h"
#include "kernel/store.h"

struct candidate {
	const struct cve_file_record *r;
	struct cve_judgement j;
	struct cve_fix branch, mainline;
	const struct cve_file_release *package; /* the tracker's row of this release, or NULL */
	uint32_t sources, headers, others;      /* of its files: .c, .h, neither */
};

struct candidates {
	const struct cve_db *db;
	const char *db_path;
	const struct kernel *kernel;
	const struct cve_host *host;
	const char *archive; /* the newest package of the series; NULL: not known */
	struct candidate *v; /* the gravest first */
	size_t n;            /* all of them */
	size_t limit;        /* shown */
	size_t in_levels;    /* exposed, but a level that was given has them */
	size_t counts[CVE_VERDICTS];
};

/* Judges all records. .v is the caller's to free. Errors: OAK_E_NOMEM. */
int candidates_find(struct candidates *c, struct oak_error *err) _must_check_;

/* Has the archive's newest package the fix? 1, 0, or -1 where that is not known. */
int candidates_in_archive(const struct candidates *c, const struct candidate *one);

/* What to type next; also where no commit is known. 0 or -ENOMEM. */
int candidates_next(const struct candidates *c, const struct candidate *one, struct buf *ret);

int candidates_print_json(const struct candidates *c, struct oak_error *err);
void candidates_print(const struct cli *cli, const struct candidates *c);

#endif
