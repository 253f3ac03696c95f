/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/host-json.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/store/rows.h"
#include "fleet/store/tags.h"

json_t *host_json_number(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *identity(const struct db_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:I, s:s}", "id",
			 db_row_text(row, 1), "name", db_row_text(row, 2), "ring",
			 db_row_text(row, 3), "tags", tags_json(db_row_text(row, 4)), "enrolled",
			 rows_time(db_row_int(row, 5)), "seen", rows_time(db_row_int(row, 6)),
			 "revoked", rows_time(db_row_int(row, 7)), "cloned",
			 db_row_int(row, 8) != 0, "reports", (json_int_t)db_row_int(row, 9),
			 "agent", db_row_text(row, 10));
}

static json_t *facts(const struct db_row *row)
{
	int64_t level = db_row_int(row, 17), newest = db_row_int(row, 18);

	return json_pack("{s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s}, s:I, s:I, s:b, s:s, s:s, s:o, s:o, "
			 "s:o}",
			 "kernel", "build_id", db_row_text(row, 11), "release",
			 db_row_text(row, 12), "arch", db_row_text(row, 13), "effective",
			 db_row_text(row, 14), "os", "id", db_row_text(row, 15), "version",
			 db_row_text(row, 16), "level", (json_int_t)level, "newest",
			 (json_int_t)newest, "behind", level < newest, "state",
			 db_row_text(row, 19), "verdict", db_row_text(row, 20), "cves_open",
			 host_json_number(db_row_int(row, 21)), "containers",
			 host_json_number(db_row_int(row, 22)), "audit_score",
			 host_json_number(db_row_int(row, 23)));
}

/* "uptime": a band; "reboot": why one is wanted, "no", or "" where it is not said. */
static json_t *more_facts(const struct db_row *row)
{
	const char *reboot = db_row_text(row, 25);

	return json_pack("{s:s, s:s, s:s, s:{s:I, s:I, s:I, s:I, s:I}}", "uptime",
			 db_row_text(row, 24), "reboot", strcmp(reboot, "-") == 0 ? "no" : reboot,
			 "cve_list", db_row_text(row, 26), "open", "critical",
			 (json_int_t)db_row_int(row, 27), "high", (json_int_t)db_row_int(row, 28),
			 "medium", (json_int_t)db_row_int(row, 29), "low",
			 (json_int_t)db_row_int(row, 30), "unknown",
			 (json_int_t)db_row_int(row, 31));
}

json_t *host_json(const struct db_row *row, int64_t silent_before_s)
{
	_cleanup_(json_decrefp) json_t *host = identity(row), *more = facts(row);
	_cleanup_(json_decrefp) json_t *rest = more_facts(row);

	if (!host || !more || !rest || json_object_update_missing(host, more) ||
	    json_object_update_missing(host, rest))
		return NULL;
	if (silent_before_s &&
	    json_object_set_new(host, "silent", json_boolean(db_row_int(row, 6) < silent_before_s)))
		return NULL;
	return take_ptr(host);
}
