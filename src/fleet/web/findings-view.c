/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/findings-view.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

static const char *const severities[] = { "critical", "high", "medium", "low" };

static json_t *row_view(const json_t *f, int64_t total, int64_t now_s)
{
	const char *id = view_str(f, "id");
	int64_t hosts = view_int(f, "hosts");

	/* Rounded up: what is somewhere is never 0 percent. */
	return json_pack("{s:s, s:s, s:o, s:o, s:I, s:o}", "id", id, "severity",
			 view_severity(view_str(f, "severity")), "hosts_text", view_count(hosts),
			 "href", view_query("/hosts", "finding", id), "share",
			 (json_int_t)(total > 0 ? (100 * hosts + total - 1) / total : 0),
			 "first_text", view_ago(view_int(f, "first_seen"), now_s));
}

/* How many checks of each severity fail. */
static json_t *by_view(const json_t *findings)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t s = 0; s < sizeof(severities) / sizeof(severities[0]); s++) {
		const json_t *f;
		int64_t n = 0;
		size_t i;

		json_array_foreach(findings, i, f)
		{
			n += !strcmp(view_severity(view_str(f, "severity")), severities[s]);
		}
		if (json_array_append_new(list, json_pack("{s:s, s:o}", "word", severities[s],
							  "n_text", view_count(n))))
			return NULL;
	}
	return take_ptr(list);
}

json_t *findings_view(const json_t *findings, int64_t total, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		if (json_array_append_new(list, row_view(f, total, now_s)))
			return NULL;
	}
	return json_pack("{s:O, s:o}", "findings", list, "by", by_view(findings));
}
