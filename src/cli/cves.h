/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves: what "oakum cves" does, apart by what it is asked. */
#ifndef OAK_CLI_CVES_H
#define OAK_CLI_CVES_H

#include "cli/cli.h"
#include "host/cve/db.h"

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

#endif
