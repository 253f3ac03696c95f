/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

static const struct cli_option list_options[] = {
	{ .name = "phase", .arg = "PHASE", .help = "running, paused, halted, completed, ..." },
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};
static const struct fleet_use list_uses[] = { { FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY } };

static const struct fleet_column columns[] = {
	{ "NAME", "name" },
	{ "PHASE", "phase" },
	{ "STAGE", "stage" },
	{ "HOSTS", "hosts" },
	{ "WELL", "outcomes.well" },
	{ "FAILED", "outcomes.failed" },
	{ "SILENT", "outcomes.silent" },
	{ "CREATED", "created", FLEET_AGO },
	{ "ID", "id" },
	{ "WHY", "why" },
	{ NULL },
};

const struct fleet_column fleet_rollout_record[] = {
	{ "name", "name" },
	{ "id", "id" },
	{ "phase", "phase" },
	{ "why", "why" },
	{ "level", "specification.level" },
	{ "channel", "specification.channel" },
	{ "stage", "stage" },
	{ "created by", "created_by" },
	{ "approved by", "approved_by" },
	{ "created", "created", FLEET_AT },
	{ "started", "started", FLEET_AT },
	{ "ended", "ended", FLEET_AT },
	{ "hosts", "hosts" },
	{ "  waiting", "outcomes.waiting" },
	{ "  granted", "outcomes.granted" },
	{ "  soaking", "outcomes.soaking" },
	{ "  held", "outcomes.held" },
	{ "  well", "outcomes.well" },
	{ "  failed", "outcomes.failed" },
	{ "  silent", "outcomes.silent" },
	{ "takes back", "take_back" },
	{ NULL },
};

static const struct cli_option hosts_options[] = {
	{ .name = "outcome", .arg = "WORD", .help = "waiting, granted, well, failed, silent, ..." },
	{ .name = "stage", .arg = "N", .help = "of this stage; the first is 1" },
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};
static const struct fleet_use hosts_uses[] = { { FLEET_QUERY },
					       { FLEET_QUERY },
					       { FLEET_QUERY },
					       { FLEET_QUERY } };

static const struct fleet_column hosts_columns[] = {
	{ "NAME", "name" },
	{ "STAGE", "stage" },
	{ "OUTCOME", "outcome" },
	{ "GRANTED", "granted", FLEET_AT },
	{ "APPLIED", "applied", FLEET_AT },
	{ "HOST", "host" },
	{ "WHY", "why" },
	{ NULL },
};

static const struct fleet_column short_record[] = {
	{ "name", "name" }, { "id", "id" }, { "phase", "phase" }, { "why", "why" }, { NULL },
};

#define COMMAND(word, help_, done_)                                                                \
	{                                                                                          \
		FLEET_VERB("rollouts " word, "ROLLOUT", help_, 1, 1), "POST",                      \
			"/api/v1/rollouts/{rollout}/" word, .columns = short_record, .done = done_ \
	}

const struct fleet_command fleet_rollouts[] = {
	{ FLEET_VERB_OPTIONS("rollouts list", NULL, "list rollouts, newest first", 0, 0,
			     list_options),
	  "GET", "/api/v1/rollouts", list_uses, .list = "rollouts", .columns = columns,
	  .pages = true },
	{ FLEET_VERB("rollouts show", "ROLLOUT", "show one, by its id or its name", 1, 1), "GET",
	  "/api/v1/rollouts/{rollout}", .columns = fleet_rollout_record },
	{ FLEET_VERB_OPTIONS("rollouts hosts", "ROLLOUT", "list its hosts, and what came of each",
			     1, 1, hosts_options),
	  "GET", "/api/v1/rollouts/{rollout}/hosts", hosts_uses, .list = "hosts",
	  .columns = hosts_columns, .pages = true },
	COMMAND("submit", "a draft waits for its approval, or for its start",
		"next: oakum fleet rollouts approve (by another person), or start"),
	COMMAND("approve", "approve another person's rollout", "next: oakum fleet rollouts start"),
	COMMAND("start", "start it", "next: oakum fleet rollouts watch"),
	COMMAND("pause", "let nobody new begin, for now",
		"hosts that have begun go on; next: oakum fleet rollouts resume, or stop"),
	COMMAND("resume", "go on, in spite of what has failed so far",
		"next: oakum fleet rollouts watch"),
	COMMAND("stop", "let nobody new begin, for good",
		"hosts that have the level keep it; to give it back: oakum fleet rollouts take-back"),
	COMMAND("take-back", "stop it, and have hosts give the level back",
		"hosts give it back with their next poll"),
	COMMAND("cancel", "drop one that was not started", NULL),
	{ .method = NULL },
};
