/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

static const struct fleet_column columns[] = {
	{ "NAME", "name" }, { "ROLE", "role" }, { "DISABLED", "disabled" },
	{ "CODE", "totp" }, { "OIDC", "oidc" }, { "SEEN", "seen", FLEET_AT },
	{ "ID", "id" },     { NULL },
};

static const struct fleet_column record[] = {
	{ "id", "id" },
	{ "name", "name" },
	{ "role", "role" },
	{ "disabled", "disabled" },
	{ "password", "password" },
	{ "must change it", "must_change" },
	{ "code", "totp" },
	{ "OIDC", "oidc" },
	{ "created", "created", FLEET_AT },
	{ "seen", "seen", FLEET_AT },
	{ NULL },
};

static const struct fleet_column me_record[] = {
	{ "who", "who" },
	{ "scopes", "scopes" },
	{ NULL },
};

static const struct cli_option create_options[] = {
	{ .name = "role",
	  .arg = "ROLE",
	  .help = "viewer, operator, approver or admin",
	  .required = true },
	{ .name = NULL },
};
static const struct fleet_use create_uses[] = { { FLEET_TEXT } };

static const struct cli_option change_options[] = {
	{ .name = "role", .arg = "ROLE", .help = "viewer, operator, approver or admin" },
	{ .name = "disable", .help = "keep the person out: sessions end, tokens rest" },
	{ .name = "enable", .help = "let the person in again" },
	{ .name = "reset-totp", .help = "forget device and recovery codes" },
	{ .name = NULL },
};
static const struct fleet_use change_uses[] = {
	{ FLEET_TEXT },
	{ FLEET_SWITCH, "disabled", "true" },
	{ FLEET_SWITCH, "disabled", "false" },
	{ FLEET_SWITCH, "reset_totp", "true" },
};

static int reset_password(_unused_ const struct cli_args *args, json_t *body, struct oak_error *err)
{
	return json_object_set_new(body, "reset_password", json_true()) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

const struct fleet_command fleet_users[] = {
	{ FLEET_VERB("users list", NULL, "list the people who may sign in", 0, 0), "GET",
	  "/api/v1/users", .list = "users", .columns = columns },
	{ FLEET_VERB_OPTIONS("users create", "NAME", "let a person sign in", 1, 1, create_options),
	  "POST", "/api/v1/users", create_uses, .body = "name",
	  .done = "the password, shown this once; another one is chosen at the first sign-in",
	  .secret = "one_time_password" },
	{ FLEET_VERB("users show", "USER", "show one, by name or id", 1, 1), "GET",
	  "/api/v1/users/{user}", .columns = record },
	{ FLEET_VERB_OPTIONS("users change", "USER",
			     "change the role, keep out or let in again, reset codes", 1, 1,
			     change_options),
	  "PATCH", "/api/v1/users/{user}", change_uses, .columns = record },
	{ FLEET_VERB("users reset-password", "USER", "make another password", 1, 1), "PATCH",
	  "/api/v1/users/{user}", .fill = reset_password,
	  .done = "the password, shown this once; another one is chosen at the first sign-in",
	  .secret = "one_time_password" },
	{ FLEET_VERB("users delete", "USER", "forget a person; the tokens are revoked", 1, 1),
	  "DELETE", "/api/v1/users/{user}", .done = "done" },
	{ FLEET_VERB("whoami", NULL, "show whose the token is, and what it may do", 0, 0), "GET",
	  "/api/v1/me", .columns = me_record },
	{ .method = NULL },
};
