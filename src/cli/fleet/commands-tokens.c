/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

static const struct cli_option enrol_options[] = {
	{ .name = "ring", .arg = "RING", .help = "of the hosts; otherwise default" },
	{ .name = "tag", .arg = "TAG", .help = "that each of the hosts gets", .multi = true },
	{ .name = "own-tags", .help = "hosts may bring tags of their own" },
	{ .name = "uses",
	  .arg = "N",
	  .help = "so many hosts may come with it; otherwise any number" },
	{ .name = "expires", .arg = "TIME", .help = "12h, 30d, ...; otherwise never" },
	{ .name = NULL },
};
static const struct fleet_use enrol_uses[] = {
	{ FLEET_TEXT }, { FLEET_LIST, .name = "tags" }, { FLEET_SWITCH }, { FLEET_NUMBER },
	{ FLEET_TIME },
};

static const struct fleet_column enrol_columns[] = {
	{ "NAME", "name" }, { "RING", "ring" },
	{ "TAGS", "tags" }, { "USED", "used" },
	{ "USES", "uses" }, { "EXPIRES", "expires", FLEET_AT },
	{ "ID", "id" },     { "REVOKED", "revoked", FLEET_AT },
	{ NULL },
};

static const struct cli_option token_options[] = {
	{ .name = "scope",
	  .arg = "WORD",
	  .help = "read, hosts, rollouts, approve, admin, metrics",
	  .multi = true,
	  .required = true },
	{ .name = "expires", .arg = "TIME", .help = "12h, 30d, ...; otherwise never" },
	{ .name = NULL },
};
static const struct fleet_use token_uses[] = { { FLEET_LIST, .name = "scopes" }, { FLEET_TIME } };

static const struct fleet_column token_columns[] = {
	{ "NAME", "name" },
	{ "PERSON", "person" },
	{ "SCOPES", "scopes" },
	{ "EXPIRES", "expires", FLEET_AT },
	{ "REVOKED", "revoked", FLEET_AT },
	{ "ID", "id" },
	{ NULL },
};

const struct fleet_command fleet_tokens[] = {
	{ FLEET_VERB("enrol-tokens list", NULL, "list the tokens by which hosts enrol", 0, 0),
	  "GET", "/api/v1/enrol-tokens", .list = "enrol_tokens", .columns = enrol_columns },
	{ FLEET_VERB_OPTIONS("enrol-tokens create", "NAME", "make a token by which hosts enrol", 1,
			     1, enrol_options),
	  "POST", "/api/v1/enrol-tokens", enrol_uses, .body = "name",
	  .done = "shown this once; on a host: oakum register --server URL --token TOKEN",
	  .secret = "token" },
	{ FLEET_VERB("enrol-tokens revoke", "TOKEN", "revoke one, by its id or its name", 1, 1),
	  "DELETE", "/api/v1/enrol-tokens/{enrol-token}",
	  .done = "done: hosts that came with it stay" },
	{ FLEET_VERB("tokens list", NULL, "list the tokens for the API", 0, 0), "GET",
	  "/api/v1/tokens", .list = "tokens", .columns = token_columns },
	{ FLEET_VERB_OPTIONS("tokens create", "NAME", "make a token for the API", 1, 1,
			     token_options),
	  "POST", "/api/v1/tokens", token_uses, .body = "name", .done = "shown this once",
	  .secret = "token" },
	{ FLEET_VERB("tokens revoke", "TOKEN", "revoke one, by its id or its name", 1, 1), "DELETE",
	  "/api/v1/tokens/{token}", .done = "done: within a minute no server takes it any more" },
	{ .method = NULL },
};
