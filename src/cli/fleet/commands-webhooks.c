/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

static const struct fleet_column columns[] = {
	{ "URL", "url" },
	{ "FORMAT", "format" },
	{ "EVENTS", "events" },
	{ "ACTIVE", "active" },
	{ "CREATED BY", "who" },
	{ "ID", "id" },
	{ NULL },
};

static const struct fleet_column record[] = {
	{ "id", "id" },
	{ "url", "url" },
	{ "format", "format" },
	{ "events", "events" },
	{ "active", "active" },
	{ "created by", "who" },
	{ "created", "created", FLEET_AT },
	{ NULL },
};

static const struct fleet_column delivery_columns[] = {
	{ "CREATED", "created", FLEET_AT },
	{ "EVENT", "type" },
	{ "STATE", "state" },
	{ "TRIES", "tries" },
	{ "STATUS", "status" },
	{ "NEXT", "next", FLEET_AT },
	{ "WHY", "why" },
	{ NULL },
};

static const struct cli_option create_options[] = {
	{ .name = "event",
	  .arg = "TYPE",
	  .help = "rollout.halted, rollout.*, *, ...",
	  .multi = true,
	  .required = true },
	{ .name = "format", .arg = "FORMAT", .help = "event, slack or teams; otherwise event" },
	{ .name = "secret", .arg = "TEXT", .help = "that signs; otherwise one is made" },
	{ .name = NULL },
};
static const struct fleet_use create_uses[] = { { FLEET_LIST, .name = "events" },
						{ FLEET_TEXT },
						{ FLEET_TEXT } };

static const struct cli_option change_options[] = {
	{ .name = "url", .arg = "URL", .help = "that is called from now on" },
	{ .name = "event", .arg = "TYPE", .help = "the types from now on", .multi = true },
	{ .name = "format", .arg = "FORMAT", .help = "event, slack or teams, from now on" },
	{ .name = "off", .help = "call it no more" },
	{ .name = "on", .help = "call it again, with what happens from now on" },
	{ .name = NULL },
};
static const struct fleet_use change_uses[] = {
	{ FLEET_TEXT },
	{ FLEET_LIST, .name = "events" },
	{ FLEET_TEXT },
	{ FLEET_SWITCH, "active", "false" },
	{ FLEET_SWITCH, "active", "true" },
};

static const struct cli_option limit_option[] = {
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise 100" },
	{ .name = NULL },
};
static const struct fleet_use limit_use[] = { { FLEET_QUERY } };

const struct fleet_command fleet_webhooks[] = {
	{ FLEET_VERB("webhooks list", NULL, "list who is called when something changes", 0, 0),
	  "GET", "/api/v1/webhooks", .list = "webhooks", .columns = columns },
	{ FLEET_VERB_OPTIONS("webhooks create", "URL", "have a URL called when something changes",
			     1, 1, create_options),
	  "POST", "/api/v1/webhooks", create_uses, .body = "url",
	  .done = "the secret that signs, shown this once; try it: oakum fleet webhooks test URL",
	  .secret = "secret" },
	{ FLEET_VERB("webhooks show", "WEBHOOK", "show one, by its id or its URL", 1, 1), "GET",
	  "/api/v1/webhooks/{webhook}", .columns = record },
	{ FLEET_VERB_OPTIONS("webhooks change", "WEBHOOK", "change it, or switch it off and on", 1,
			     1, change_options),
	  "PATCH", "/api/v1/webhooks/{webhook}", change_uses, .columns = record },
	{ FLEET_VERB("webhooks delete", "WEBHOOK", "delete it with its deliveries", 1, 1), "DELETE",
	  "/api/v1/webhooks/{webhook}", .done = "done" },
	{ FLEET_VERB("webhooks test", "WEBHOOK", "have it called once", 1, 1), "POST",
	  "/api/v1/webhooks/{webhook}/test",
	  .done = "it is called now; what came of it: oakum fleet webhooks deliveries" },
	{ FLEET_VERB_OPTIONS("webhooks deliveries", "WEBHOOK", "list what it was called with", 1, 1,
			     limit_option),
	  "GET", "/api/v1/webhooks/{webhook}/deliveries", limit_use, .list = "deliveries",
	  .columns = delivery_columns },
	{ .method = NULL },
};
