/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/gather.h"

#include "fleet/store/facts.h"
#include "fleet/store/rows.h"

/* The number before the slash. */
#define NUMBER          "CAST(value AS BIGINT)" /* SQLite reads as far as it is one */
#define NUMBER_POSTGRES "CAST(split_part(value, '/', 1) AS BIGINT)"

/* Only rows that say something else are written: a quiet fleet costs no writes. */
#define CVES(number)                                                                             \
	"INSERT INTO cves (cve, severity, reach, hosts, containers, first_s, closed_s)"          \
	" SELECT s.cve, MAX(s.severity), MAX(s.reach), CAST(SUM(c.hosts) AS BIGINT),"            \
	" CAST(SUM(c.boxes) AS BIGINT), CAST($1 AS BIGINT), 0 FROM"                              \
	" (SELECT " number " AS number, SUM(CASE WHEN facet = '" FACET_CVE_SET                   \
	"' THEN n ELSE 0 END)"                                                                   \
	" AS hosts, SUM(CASE WHEN facet = '" FACET_CVE_BOX "' THEN n ELSE 0 END) AS boxes"       \
	" FROM host_counts WHERE facet IN ('" FACET_CVE_SET "', '" FACET_CVE_BOX "') AND n > 0"  \
	" GROUP BY 1) AS c JOIN cve_sets s ON s.cve_set = c.number"                              \
	" WHERE c.hosts > 0 GROUP BY s.cve"                                                      \
	" ON CONFLICT (cve) DO UPDATE SET severity = excluded.severity, reach = excluded.reach," \
	" hosts = excluded.hosts, containers = excluded.containers, closed_s = 0"                \
	" WHERE cves.hosts <> excluded.hosts OR cves.containers <> excluded.containers"          \
	" OR cves.severity <> excluded.severity OR cves.reach <> excluded.reach"
#define FINDINGS(number)                                                                      \
	"INSERT INTO findings (finding, severity, hosts, first_s, closed_s)"                  \
	" SELECT s.finding, MAX(s.severity), CAST(SUM(c.n) AS BIGINT), CAST($1 AS BIGINT), 0" \
	" FROM (SELECT " number " AS number, n FROM host_counts"                              \
	" WHERE facet = '" FACET_FINDINGS "' AND n > 0) AS c"                                 \
	" JOIN finding_sets s ON s.finding_set = c.number WHERE 1 = 1 GROUP BY s.finding"     \
	" ON CONFLICT (finding) DO UPDATE SET severity = excluded.severity,"                  \
	" hosts = excluded.hosts, closed_s = 0"                                               \
	" WHERE findings.hosts <> excluded.hosts OR findings.severity <> excluded.severity"

static const struct db_statement add_cves = { "gather: cves", CVES(NUMBER), CVES(NUMBER_POSTGRES) };
static const struct db_statement close_cves = {
	"gather: closed cves",
	"UPDATE cves SET hosts = 0, containers = 0, closed_s = $1 WHERE hosts > 0 AND NOT EXISTS"
	" (SELECT 1 FROM cve_sets s JOIN host_counts c ON c.facet = '" FACET_CVE_SET "'"
	" AND c.value >= CAST(s.cve_set AS TEXT) || '/' AND c.value < CAST(s.cve_set AS TEXT) || '0'"
	" AND c.n > 0 WHERE s.cve = cves.cve)",
	NULL
};
static const struct db_statement add_findings = { "gather: findings", FINDINGS(NUMBER),
						  FINDINGS(NUMBER_POSTGRES) };
static const struct db_statement close_findings = {
	"gather: closed findings",
	"UPDATE findings SET hosts = 0, closed_s = $1 WHERE hosts > 0 AND NOT EXISTS"
	" (SELECT 1 FROM finding_sets s JOIN host_counts c ON c.facet = '" FACET_FINDINGS "'"
	" AND c.value = CAST(s.finding_set AS TEXT) AND c.n > 0"
	" WHERE s.finding = findings.finding)",
	NULL
};

int gather_all(struct db *db, int64_t now_s, struct oak_error *err)
{
	static const struct db_statement *const all[] = { &add_cves, &close_cves, &add_findings,
							  &close_findings };
	const struct db_value now = db_int(now_s);
	int64_t r = db_begin(db, err);

	if (r >= 0)
		r = facts_fold(db, err);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && r >= 0; i++)
		r = db_run(db, all[i], &now, 1, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}
