/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves: what "oakum cves" does, apart by what it is asked. */
#ifndef OAK_CLI_CVES_H
#define OAK_CLI_CVES_H

#include <stdbool.h>

#include "cli/cli.h"
#include "host/cve/db.h"
#include "host/cve/judge.h"

/* Severity as a word: "high", or "unscored". */
const char *cves_severity(const struct cve_file_record *r);

/* About the database, for documents; NULL when out of memory. */
json_t *cves_json_database(const struct cve_db *db, const char *path);

/* One record's id, title, score, sources; NULL when out of memory. */
json_t *cves_json_record(const struct cve_db *db, const struct cve_file_record *r);

/* Everything that the record says, for people. */
void cves_print_record(const struct cve_db *db, const struct cve_file_record *r);

/* By the text of an id. Errors: OAK_E_USAGE (no id), OAK_E_NOTFOUND. */
int cves_find(const struct cve_db *db, const char *id, const struct cve_file_record **ret,
	      struct oak_error *err) _must_check_;

/* Without a host: any upstream version. @ids: explain these, or all are counted. */
int cves_upstream(const struct cli *cli, const struct cve_db *db, const char *path,
		  const char *version, const struct cli_args *ids, struct oak_error *err)
	_must_check_;

/* What is shown of a host, and how. */
struct cves_view {
	const char *path;            /* of the database */
	bool verdicts[CVE_VERDICTS]; /* those that are listed; none: the summary */
	bool csv, kev, list;         /* @list: any filter was given */
	uint8_t severity;            /* at least; as in struct cve_file_record, 0: any */
	const char *file;            /* records of files below this path; NULL: any */
	const struct cli_args *ids;  /* explain these */
	json_t *mitigations;         /* host/cve/mitigate.h */
};

/* The host with the levels' part of its evidence. Errors: those of cve_host_read(). */
int cves_read_host(int root, struct cve_host *ret, struct oak_error *err) _must_check_;

int cves_host(const struct cli *cli, int root, const struct cve_db *db, const struct cves_view *v,
	      struct oak_error *err) _must_check_;

/* An entry of host/cve/mitigate.h as a line that begins with @label. */
void cves_print_mitigation(const char *label, const json_t *entry);

/* Everything that a judgement rests on, for people. */
void cves_print_evidence(const struct cve_host *h, const struct cve_db *db,
			 const struct cve_file_record *r, const struct cve_judgement *j);

/* A judgement as JSON; with all its evidence where @all. NULL when out of memory. */
json_t *cves_json_judgement(const struct cve_host *h, const struct cve_db *db,
			    const struct cve_file_record *r, const struct cve_judgement *j,
			    bool all);

#endif
