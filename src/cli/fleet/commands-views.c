/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is open, what fails, which level is where, how it came about; views that one saved. */
#include "base/json.h"
#include "cli/fleet/commands.h"

static const struct cli_option cves_options[] = {
	{ .name = "severity", .arg = "WORD", .help = "critical, high, medium, low or unknown" },
	{ .name = "text", .arg = "TEXT", .help = "whose id has this in it" },
	{ .name = "closed", .help = "only those that no host names any more" },
	{ .name = "sort", .arg = "COLUMN", .help = "severity, hosts or id" },
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};
static const struct fleet_use cves_uses[] = { { FLEET_QUERY }, { FLEET_QUERY }, { FLEET_FLAG },
					      { FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY } };

static const struct fleet_column cves_columns[] = {
	{ "CVE", "cve" },
	{ "SEVERITY", "severity" },
	{ "REACH", "reach" },
	{ "HOSTS", "hosts" },
	{ "CONTAINERS", "containers" },
	{ "FIRST SEEN", "first_seen", FLEET_AT },
	{ NULL },
};

static const struct fleet_column cve_record[] = {
	{ "CVE", "cve" },
	{ "severity", "severity" },
	{ "reach", "reach" },
	{ "first seen", "first_seen", FLEET_AT },
	{ "hosts", "hosts" },
	{ "containers on them", "containers" },
	{ "closed everywhere, proven", "closed" },
	{ "hosts that name all they have", "lists.all" },
	{ "hosts that name the worst", "lists.worst" },
	{ "hosts that name none", "lists.none" },
	{ "silent hosts", "silent" },
	{ NULL },
};

static const struct fleet_column level_columns[] = {
	{ "FIXED BY LEVEL", "level" }, { "EFFECTIVE", "effective" },
	{ "WITHDRAWN", "withdrawn" },  { "HELD", "held" },
	{ "KERNEL", "build_id" },      { NULL },
};

static void show_cve(const struct cli *cli, const json_t *cve)
{
	fleet_record(cli, cve, cve_record);
	if (json_array_size(json_object_get(cve, "levels")))
		fleet_table(cli, json_object_get(cve, "levels"), level_columns);
}

static const struct fleet_column container_columns[] = {
	{ "HOST", "name" },
	{ "RING", "ring" },
	{ "CONTAINERS", "containers" },
	{ "NAMES", "names", FLEET_WORDS },
	{ "ID", "host" },
	{ NULL },
};

static const struct fleet_column finding_columns[] = {
	{ "CHECK", "id" },
	{ "SEVERITY", "severity" },
	{ "HOSTS", "hosts" },
	{ "FIRST SEEN", "first_seen", FLEET_AT },
	{ NULL },
};

static const struct fleet_column host_columns[] = {
	{ "NAME", "name" },         { "RING", "ring" }, { "KERNEL", "kernel.release" },
	{ "AUDIT", "audit_score" }, { "ID", "id" },     { NULL },
};

static const struct cli_option page_options[] = {
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};
static const struct fleet_use page_uses[] = { { FLEET_QUERY }, { FLEET_QUERY } };

static const struct fleet_column matrix_columns[] = {
	{ "KERNEL", "release" },      { "LEVEL", "level" },
	{ "HOSTS", "hosts" },         { "FIXES", "cves" },
	{ "WITHDRAWN", "withdrawn" }, { "HELD", "held" },
	{ "BUILD ID", "build_id" },   { NULL },
};

static const struct cli_option series_options[] = {
	{ .name = "names", .arg = "LIST", .help = "these alone: hosts,open.*; otherwise all" },
	{ .name = "since", .arg = "SECONDS", .help = "since the epoch; otherwise two days ago" },
	{ .name = "until", .arg = "SECONDS", .help = "since the epoch; otherwise now" },
	{ .name = "step",
	  .arg = "SECONDS",
	  .help = "300, 3600 or 86400; otherwise the finest that is kept" },
	{ .name = NULL },
};
static const struct fleet_use series_uses[] = { { FLEET_QUERY },
						{ FLEET_QUERY },
						{ FLEET_QUERY },
						{ FLEET_QUERY } };

/* Where each curve began, and where it is now. */
static void show_series(const struct cli *cli, const json_t *answer)
{
	const json_t *series = json_object_get(answer, "series"), *one;
	size_t i;

	(void)cli;
	json_array_foreach(series, i, one)
	{
		const json_t *points = json_object_get(one, "points");
		size_t n = json_array_size(points);

		fleet_print(json_get_str(one, "name"));
		if (n)
			printf("  %" JSON_INTEGER_FORMAT " -> %" JSON_INTEGER_FORMAT,
			       json_integer_value(json_array_get(json_array_get(points, 0), 1)),
			       json_integer_value(json_array_get(json_array_get(points, n - 1), 1)));
		printf("  (%zu points)\n", n);
	}
}

static const struct cli_option views_options[] = {
	{ .name = "page", .arg = "PAGE", .help = "of this page alone" },
	{ .name = NULL },
};
static const struct fleet_use views_uses[] = { { FLEET_QUERY } };

static const struct fleet_column view_columns[] = {
	{ "NAME", "name" }, { "PAGE", "page" }, { "QUERY", "query" }, { "ID", "id" }, { NULL },
};

static const struct cli_option save_options[] = {
	{ .name = "page", .arg = "PAGE", .help = "of the dashboard: hosts", .required = true },
	{ .name = "query", .arg = "QUERY", .help = "ring=edge&behind=true", .required = true },
	{ .name = NULL },
};
static const struct fleet_use save_uses[] = { { FLEET_TEXT }, { FLEET_TEXT } };

const struct fleet_command fleet_views[] = {
	{ FLEET_VERB_OPTIONS("cves list", NULL, "list the CVEs that are open on hosts", 0, 0,
			     cves_options),
	  "GET", "/api/v1/cves", cves_uses, .list = "cves", .columns = cves_columns, .pages = true },
	{ FLEET_VERB("cves show", "CVE", "show who has a CVE open, and which levels fix it", 1, 1),
	  "GET", "/api/v1/cves/{cve}", .show = show_cve },
	{ FLEET_VERB_OPTIONS("cves containers", "CVE", "list the containers on hosts with a CVE", 1,
			     1, page_options),
	  "GET", "/api/v1/cves/{cve}/containers", page_uses, .list = "hosts",
	  .columns = container_columns, .pages = true },
	{ FLEET_VERB("findings list", NULL, "list the checks of audits that fail", 0, 0), "GET",
	  "/api/v1/findings", .list = "findings", .columns = finding_columns },
	{ FLEET_VERB_OPTIONS("findings hosts", "CHECK", "list hosts where a check fails", 1, 1,
			     page_options),
	  "GET", "/api/v1/findings/{finding}/hosts", page_uses, .list = "hosts",
	  .columns = host_columns, .pages = true },
	{ FLEET_VERB("matrix", NULL, "show how many hosts have which level", 0, 0), "GET",
	  "/api/v1/matrix", .list = "rows", .columns = matrix_columns },
	{ FLEET_VERB_OPTIONS("series", NULL, "show the fleet over time", 0, 0, series_options),
	  "GET", "/api/v1/series", series_uses, .show = show_series },
	{ FLEET_VERB_OPTIONS("views list", NULL, "list the views that you saved", 0, 0,
			     views_options),
	  "GET", "/api/v1/views", views_uses, .list = "views", .columns = view_columns },
	{ FLEET_VERB_OPTIONS("views save", "NAME", "save the filters of a page", 1, 1, save_options),
	  "POST", "/api/v1/views", save_uses, .body = "name", .columns = view_columns,
	  .done = "saved" },
	{ FLEET_VERB("views delete", "VIEW", "delete a view of yours, by its id or its name", 1, 1),
	  "DELETE", "/api/v1/views/{view}", .done = "deleted" },
	{ .method = NULL },
};
