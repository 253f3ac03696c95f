/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CVE database's part of the facts: how many are open, how many a level has closed, the worst. */
#include <stdio.h>
#include <string.h>

#include "agent/claims.h"
#include "agent/fleet/facts-priv.h"
#include "base/cleanup.h"
#include "host/cve/judge.h"
#include "trust/severity.h"

#define WORST_MAX 10

struct worst {
	const struct cve_file_record *r;
	uint64_t rank;
	enum cve_verdict verdict;
};

/* The gravest first. */
static void put(struct worst *v, size_t *n, const struct worst *w)
{
	size_t at = *n;

	while (at > 0 && v[at - 1].rank < w->rank)
		at--;
	if (at == WORST_MAX)
		return;
	if (*n < WORST_MAX)
		(*n)++;
	memmove(&v[at + 1], &v[at], (*n - at - 1) * sizeof(*v));
	v[at] = *w;
}

static json_t *worst_json(const struct worst *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		uint8_t severity = v[i].r->severity;
		char id[32];

		(void)snprintf(id, sizeof(id), "CVE-%u-%u", v[i].r->year, v[i].r->number);
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s}", "id", id, "severity",
						      severity && severity <= SEVERITY_CRITICAL + 1
							      ? severity_names[severity - 1]
							      : "unknown",
						      "reach", cve_verdict_name(v[i].verdict)));
	}
	return list;
}

static json_t *count(const struct cve_host *h, const struct cve_db *db)
{
	struct worst worst[WORST_MAX];
	size_t n = 0;
	int open = 0, closed = 0;

	for (size_t i = 0; i < db->n; i++) {
		const struct cve_file_record *r = &db->records[i];
		const struct cve_judgement j = cve_judge(h, db, r);

		closed += j.verdict == CVE_VERDICT_PATCHED;
		if (j.verdict != CVE_VERDICT_EXPOSED && j.verdict != CVE_VERDICT_WITHHELD)
			continue;
		open++;
		put(worst, &n, &(struct worst){ r, cve_rank(r), j.verdict });
	}
	return json_pack("{s:I, s:i, s:i, s:o}", "as_of", (json_int_t)db->header->as_of_s, "open",
			 open, "closed", closed, "worst", worst_json(worst, n));
}

json_t *fleet_facts_cves(int root)
{
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	uint32_t unknown;

	if (cve_db_open(root, CVE_DB_PATH, &db, NULL) < 0 || cve_host_read(root, &h, NULL) < 0 ||
	    cves_claims(root, &h.claims, &unknown, NULL) < 0)
		return NULL;
	return count(&h, &db);
}
