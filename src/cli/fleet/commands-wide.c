/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/json.h"
#include "cli/fleet/commands.h"

static const struct fleet_column info_record[] = {
	{ "version", "version" },
	{ "API", "api" },
	{ "database", "database" },
	{ "hosts poll every (s)", "settings.poll_s" },
	{ "hosts report every (s)", "settings.report_s" },
	{ "silent after (s)", "settings.silence_s" },
	{ "levels without a rollout are free", "settings.unmanaged_free" },
	{ NULL },
};

static const struct fleet_column ring_columns[] = { { "RING", "name" },
						    { "HOSTS", "hosts" },
						    { "DECISION", "decision" },
						    { NULL } };

static const struct fleet_column level_columns[] = {
	{ "LEVEL", "level" },
	{ "CHANNELS", "channels" },
	{ "PUBLISHED", "published", FLEET_AT },
	{ "EFFECTIVE", "effective" },
	{ "WITHDRAWN", "withdrawn" },
	{ "HELD", "held" },
	{ "CVES", "cves" },
	{ "KERNEL", "build_id" },
	{ NULL },
};

static const struct fleet_column decision_columns[] = {
	{ "RING", "signed.ring" },
	{ "VERSION", "signed.version" },
	{ "ISSUED", "signed.issued", FLEET_AT },
	{ "EXPIRES", "signed.expires", FLEET_AT },
	{ "STOP", "signed.stop.why" },
	{ NULL },
};

static const struct fleet_column stop_record[] = {
	{ "stopped", "stopped" },       { "why", "why" }, { "by", "who" },
	{ "since", "since", FLEET_AT }, { NULL },
};

static const struct fleet_column audit_columns[] = {
	{ "NO", "sequence" },   { "AT", "at", FLEET_AT }, { "WHO", "who" },
	{ "ACTION", "action" }, { "SUBJECT", "subject" }, { NULL },
};

static const struct fleet_column verify_record[] = { { "good", "good" },
						     { "entries", "entries" },
						     { "why", "why" },
						     { NULL } };

static const struct cli_option audit_options[] = {
	{ .name = "subject", .arg = "ID", .help = "of this host, rollout or token" },
	{ .name = "before", .arg = "N", .help = "older than the entry with this number" },
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise 100" },
	{ .name = NULL },
};
static const struct fleet_use audit_uses[] = { { FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY } };

static void show_counts(const struct cli *cli, const json_t *counts)
{
	json_t *by = json_object_get(counts, "by"), *values, *n;
	const char *facet, *value;

	printf("%shosts%s  %" JSON_INTEGER_FORMAT "\n", cli_color(cli, CLI_BOLD),
	       cli_color(cli, CLI_RESET), json_integer_value(json_object_get(counts, "total")));
	printf("%ssilent%s %" JSON_INTEGER_FORMAT "\n", cli_color(cli, CLI_BOLD),
	       cli_color(cli, CLI_RESET), json_integer_value(json_object_get(counts, "silent")));
	json_object_foreach(by, facet, values)
	{
		if (!json_object_size(values))
			continue;
		printf("%s%s%s\n", cli_color(cli, CLI_BOLD), facet, cli_color(cli, CLI_RESET));
		json_object_foreach(values, value, n)
		{
			printf("  %10" JSON_INTEGER_FORMAT "  ", json_integer_value(n));
			fleet_print(value[0] ? value : "-");
			(void)putchar('\n');
		}
	}
}

static const struct fleet_column overview_columns[] = {
	{ "ROLLOUT", "name" },
	{ "PHASE", "phase" },
	{ "STAGE", "stage" },
	{ "HOSTS", "hosts" },
	{ "WELL", "outcomes.well" },
	{ "FAILED", "outcomes.failed" },
	{ "SILENT", "outcomes.silent" },
	{ "WHY", "why" },
	{ NULL },
};

static void show_overview(const struct cli *cli, const json_t *all)
{
	const json_t *stop = json_object_get(all, "stop");
	const json_t *hosts = json_object_get(all, "hosts");

	printf("%" JSON_INTEGER_FORMAT " hosts, %" JSON_INTEGER_FORMAT " of them silent\n",
	       json_integer_value(json_object_get(hosts, "total")),
	       json_integer_value(json_object_get(hosts, "silent")));
	if (json_is_true(json_object_get(stop, "stopped"))) {
		printf("%sstopped%s: ", cli_color(cli, CLI_RED), cli_color(cli, CLI_RESET));
		fleet_print(json_get_str(stop, "why") ? json_get_str(stop, "why") : "");
		printf(" (to lift it: oakum fleet unstop)\n");
	}
	if (json_array_size(json_object_get(all, "rollouts")))
		fleet_table(cli, json_object_get(all, "rollouts"), overview_columns);
}

/* What is JSON for people, too. */
static void show_json(const struct cli *cli, const json_t *answer)
{
	_cleanup_(freep) char *text = json_text(answer);

	(void)cli;
	printf("%s", text ? text : "");
}

const struct fleet_command fleet_wide[] = {
	{ FLEET_VERB("overview", NULL, "show the fleet at a glance", 0, 0), "GET",
	  "/api/v1/overview", .show = show_overview },
	{ FLEET_VERB("counts", NULL, "count hosts by ring, level, state, ...", 0, 0), "GET",
	  "/api/v1/counts", .show = show_counts },
	{ FLEET_VERB("rings", NULL, "list rings", 0, 0), "GET", "/api/v1/rings", .list = "rings",
	  .columns = ring_columns },
	{ FLEET_VERB("levels", NULL, "list the levels that the repository has", 0, 0), "GET",
	  "/api/v1/levels", .list = "levels", .columns = level_columns },
	{ FLEET_VERB("decisions list", NULL, "list what the rings are told", 0, 0), "GET",
	  "/api/v1/decisions", .list = "decisions", .columns = decision_columns },
	{ FLEET_VERB("decisions show", "RING", "show the signed decision of a ring", 1, 1), "GET",
	  "/api/v1/decisions/{ring}", .show = show_json },
	{ FLEET_VERB("stop", "WHY", "emergency: no host applies anything from its next poll on", 1,
		     1),
	  "POST", "/api/v1/stop", .body = "why", .columns = stop_record,
	  .done = "each host holds from its next poll on; to lift it: oakum fleet unstop" },
	{ FLEET_VERB("unstop", NULL, "lift the emergency stop", 0, 0), "DELETE", "/api/v1/stop",
	  .columns = stop_record, .done = "hosts go on from their next poll on" },
	{ FLEET_VERB("stopped", NULL, "show whether the emergency stop is on", 0, 0), "GET",
	  "/api/v1/stop", .columns = stop_record },
	{ FLEET_VERB_OPTIONS("audit list", NULL, "list who did what, newest first", 0, 0,
			     audit_options),
	  "GET", "/api/v1/audit", audit_uses, .list = "entries", .columns = audit_columns },
	{ FLEET_VERB("audit verify", NULL, "walk the chain of hashes of that log", 0, 0), "GET",
	  "/api/v1/audit/verify", .columns = verify_record },
	{ FLEET_VERB("info", NULL, "show the server's version and settings", 0, 0), "GET",
	  "/api/v1/info", .columns = info_record },
	{ FLEET_VERB("openapi", NULL, "print the description of the API", 0, 0), "GET",
	  "/api/v1/openapi.json", .show = show_json },
	{ .method = NULL },
};
