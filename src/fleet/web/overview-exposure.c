/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open CVEs over time: the API has a list of points for each severity; a table has a row for each time. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/overview-facets.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

#define POINTS_MAX 800 /* of a series: the API gives no more than a month of hours */

static const struct {
	const char *series, *member;
} severities[] = {
	{ "open.critical", "critical" },
	{ "open.high", "high" },
	{ "open.medium", "medium" },
	{ "open.low", "low" },
};

static const char *member_of(const char *series)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (strcmp(severities[i].series, series) == 0)
			return severities[i].member;
	return NULL;
}

static json_t *new_point(int64_t at_s)
{
	json_t *point = json_pack("{s:I, s:o}", "at", (json_int_t)at_s, "at_text", view_time(at_s));

	for (size_t i = 0; point && i < sizeof(severities) / sizeof(severities[0]); i++)
		(void)json_object_set_new(point, severities[i].member, json_integer(0));
	return point;
}

/* The point at @at_s of a list in the order of time; series that have gaps make new ones. */
static json_t *point_at(json_t *points, int64_t at_s)
{
	size_t i = json_array_size(points);
	json_t *point;

	while (i > 0 && view_int(json_array_get(points, i - 1), "at") > at_s)
		i--;
	point = json_array_get(points, i ? i - 1 : 0);
	if (point && i && view_int(point, "at") == at_s)
		return point;
	point = new_point(at_s);
	return json_array_insert_new(points, i, point) < 0 ? NULL : point;
}

static int add_series(json_t *points, const json_t *series)
{
	const char *member = member_of(view_str(series, "name"));
	const json_t *pair, *list = json_object_get(series, "points");
	size_t i;

	json_array_foreach(list, i, pair)
	{
		json_t *point;

		if (!member || i + POINTS_MAX < json_array_size(list))
			continue;
		point = point_at(points, json_integer_value(json_array_get(pair, 0)));
		if (!point || json_object_set(point, member, json_array_get(pair, 1)) < 0)
			return -1;
	}
	return 0;
}

json_t *overview_exposure(const json_t *answer)
{
	_cleanup_(json_decrefp) json_t *points = json_array();
	const json_t *series;
	size_t i;

	json_array_foreach(json_object_get(answer, "series"), i, series)
	{
		if (add_series(points, series) < 0)
			return NULL;
	}
	return json_array_size(points) ? json_pack("{s:O}", "points", points) : json_null();
}
