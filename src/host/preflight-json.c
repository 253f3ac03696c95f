/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/preflight.h"

json_t *preflight_json(const struct preflight_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < report->n; i++) {
		const struct preflight_row *row = &report->rows[i];

		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "check", row->id,
							    "verdict",
							    preflight_verdict_name(row->verdict),
							    "text", row->text));
	}
	return list;
}
