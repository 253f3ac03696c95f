/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/findings.h"

#include "base/cleanup.h"
#include "fleet/store/rows.h"
#include "trust/fleet/report-cves.h"

/* Hosts name the checks, so that a bound is needed. */
static const struct db_statement list = {
	"findings: list",
	"SELECT finding, severity, hosts, first_s FROM findings WHERE hosts > 0"
	" ORDER BY severity DESC, hosts DESC, finding LIMIT 1000",
	NULL
};

static int take(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx,
			   json_pack("{s:s, s:s, s:I, s:o}", "id", db_row_text(row, 0), "severity",
				     report_severity_name((enum report_severity)db_row_int(row, 1)),
				     "hosts", (json_int_t)db_row_int(row, 2), "first_seen",
				     rows_time(db_row_int(row, 3))),
			   err);
}

int findings_list(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *findings = json_array();
	int64_t n = findings ? db_query(db, &list, NULL, 0, take, findings, err)
			     : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (n < 0)
		return (int)n;
	*ret = take_ptr(findings);
	return 0;
}
