/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts: of a host, what filters and counts look at; how counts follow them. For the files of hosts-*.c and
 * tokens.c.
 *
 * With SQLite host_counts is changed at once. With PostgreSQL several servers would wait for each other's rows
 * of it, so each only appends to host_count_changes, and facts_fold() adds that up now and then; who reads counts
 * reads both.
 */
#ifndef OAK_FLEET_STORE_FACTS_H
#define OAK_FLEET_STORE_FACTS_H

#include <stdbool.h>

#include "fleet/db/db.h"
#include "trust/fleet/report.h"

/* How long a host is up, as of its report: "under-1w", "1w-1m", ... "over-18m"; rising. */
#define FACTS_BANDS 7
extern const char *const facts_bands[FACTS_BANDS];

/* Facets that are not of the counts people see: '~' is behind every letter. */
#define FACET_HIDDEN   "~"
#define FACET_OPEN     "~open"     /* by severity: pairs of a host and a CVE that is open there */
#define FACET_CVE_SET  "~cve-set"  /* "<number>/<ring>": hosts */
#define FACET_CVE_BOX  "~cve-box"  /* "<number>": containers on those hosts */
#define FACET_FINDINGS "~findings" /* "<number>": hosts */
#define FACET_MATRIX   "~matrix"   /* "<ring>/<build-id>/<level>/<state>": hosts */

struct host_facts {
	char name[REPORT_TEXT_MAX], boot[17], agent[REPORT_WORD_MAX];
	char build_id[41], release[REPORT_WORD_MAX], arch[REPORT_WORD_MAX];
	char effective[REPORT_WORD_MAX], os_id[REPORT_WORD_MAX], os_version[REPORT_WORD_MAX];
	char ring[REPORT_WORD_MAX], state[REPORT_WORD_MAX], verdict[REPORT_WORD_MAX];
	char uptime[REPORT_WORD_MAX], reboot[REPORT_WORD_MAX], cve_list[REPORT_WORD_MAX];
	int64_t level, newest, behind, cve_set, cves_open, containers, audit_score, finding_set;
	int64_t open[REPORT_SEVERITY_SORTS]; /* by enum report_severity */
};

/* The columns of a row from @column on, in the order of FACTS_COLUMNS. Return: the column after them. */
#define FACTS_COLUMNS                                                                      \
	"name, boot, agent, build_id, release, arch, effective, os_id, os_version, ring, " \
	"state, verdict, uptime, reboot, cve_list, level, newest, behind, cve_set, "       \
	"cves_open, containers, audit_score, finding_set, open_unknown, open_low, "        \
	"open_medium, open_high, open_critical"
int facts_read(const struct db_row *row, int column, struct host_facts *ret);

/* What @r says, where it says it; ring (and a name that is not said) as they were. */
void facts_of_report(const struct report *r, const struct host_facts *before,
		     struct host_facts *ret);

/* Member by member: between them is what nobody wrote. */
bool facts_same(const struct host_facts *a, const struct host_facts *b);

/* A host that had @before (NULL: was none) has @after (NULL: is none, or revoked). */
int facts_count(struct db *db, const struct host_facts *before, const struct host_facts *after,
		struct oak_error *err) _must_check_;
int facts_count_one(struct db *db, const char *facet, const char *value, int64_t change,
		    struct oak_error *err) _must_check_;

int facts_fold(struct db *db, struct oak_error *err) _must_check_;

#endif
