/* SPDX-License-Identifier: GPL-2.0-or-later */
/* API tokens: what people and programs show to the server. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "fleet/http/http.h"
#include "fleet/store/tokens.h"
#include "fleet/store/users.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

static const struct {
	const char *name;
	uint32_t bit;
} scopes[] = {
	{ "read", SCOPE_READ },       { "hosts", SCOPE_HOSTS }, { "rollouts", SCOPE_ROLLOUTS },
	{ "approve", SCOPE_APPROVE }, { "admin", SCOPE_ADMIN }, { "metrics", SCOPE_METRICS },
};
#define N_SCOPES (sizeof(scopes) / sizeof(scopes[0]))

static int parse_scope(const char *text, uint32_t *bits, struct oak_error *err)
{
	for (size_t i = 0; i < N_SCOPES; i++)
		if (strcmp(scopes[i].name, text) == 0) {
			*bits |= scopes[i].bit;
			return 0;
		}
	return oak_fail(err, OAK_E_USAGE,
			"--scope %s: must be read, hosts, rollouts, approve, admin or metrics",
			text);
}

/* The store has the number of the bits. */
static json_t *scopes_json(const json_t *number)
{
	_cleanup_(json_decrefp) json_t *ret = json_array();
	json_int_t bits = json_integer_value(number);

	for (size_t i = 0; i < N_SCOPES; i++)
		if ((bits & scopes[i].bit) &&
		    json_array_append_new(ret, json_string(scopes[i].name)) < 0)
			return NULL;
	return take_ptr(ret);
}

enum {
	OPT_SCOPE = SERVER_OPT_SETTINGS + 1,
	OPT_EXPIRES,
	OPT_PERSON,
};

static const struct cli_option create_options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	[OPT_SCOPE] = { .name = "scope",
			.arg = "SCOPE",
			.help = "read (otherwise), hosts, rollouts, approve, admin, metrics",
			.multi = true },
	[OPT_EXPIRES] = { .name = "expires",
			  .arg = "TIME",
			  .help = "from now: 90d (otherwise), 12h, never" },
	[OPT_PERSON] = { .name = "person",
			 .arg = "NAME",
			 .help = "whose it is: it never allows more than that person's role" },
	{ .name = NULL },
};

static int create(struct db *db, const struct api_token_new *t, char secret[TOKEN_TEXT_MAX],
		  json_t **ret, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (r == 0)
		r = api_token_create(db, t, server_cli_now_s(), secret, ret, err);
	if (r == 0)
		r = json_object_set_new(*ret, "scopes",
					scopes_json(json_object_get(*ret, "scopes"))) < 0
			    ? oak_fail(err, OAK_E_NOMEM, "out of memory")
			    : server_cli_audit(db, "token.create", json_get_str(*ret, "id"), *ret,
					       err);
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

static int run_create(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	_cleanup_(json_decrefp) json_t *made = NULL;
	struct api_token_new t = { .name = args->v[0] };
	const char *person = cli_value(args, OPT_PERSON, NULL);
	char secret[TOKEN_TEXT_MAX];
	struct user user;
	int r = server_cli_expiry("expires", cli_value(args, OPT_EXPIRES, "90d"), &t.expires_s, err);

	for (size_t i = 0; r == 0 && i < args->opt[OPT_SCOPE].n; i++)
		r = parse_scope(args->opt[OPT_SCOPE].v[i], &t.scopes, err);
	t.scopes = t.scopes ? t.scopes : SCOPE_READ;
	if (r == 0)
		r = server_cli_begin(args, &s, &db, err);
	if (r == 0 && person)
		r = user_by_name(db, person, &user, err);
	if (r == 0 && person)
		t.person = user.id;
	if (r == 0)
		r = create(db, &t, secret, &made, err);
	if (r < 0)
		return r;
	if (cli->json)
		return json_object_set_new(made, "token", json_string(secret)) < 0
			       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
			       : cli_print_json(take_ptr(made), err);
	printf("%s\n", secret);
	(void)fprintf(stderr, "It is shown this once. Its id is %s.\n", json_get_str(made, "id"));
	return 0;
}

const struct verb verb_server_token_create = {
	.name = "token create",
	.args = "NAME",
	.help = "make a token for the API",
	.more = "The token is written to standard output, once; the server keeps only its hash.\n"
		"'oakum fleet login URL --token-file FILE' uses it.",
	.min_args = 1,
	.max_args = 1,
	.options = create_options,
	.run = run_create,
};

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static int name_scopes(json_t *all, struct oak_error *err)
{
	json_t *token;
	size_t i;

	json_array_foreach(all, i, token)
	{
		if (json_object_set_new(token, "scopes",
					scopes_json(json_object_get(token, "scopes"))) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static void print_token(const json_t *token)
{
	const char *person = json_get_str(token, "person");
	const json_t *word;
	size_t i;

	printf("%-16s  %-24s  %-16s", json_get_str(token, "id"), json_get_str(token, "name"),
	       person ? person : "-");
	server_cli_print_life(token);
	json_array_foreach(json_object_get(token, "scopes"), i, word)
	{
		printf("%s%s", i ? "," : "  ", json_string_value(word));
	}
	printf("\n");
}

static int run_list(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	_cleanup_(json_decrefp) json_t *all = NULL;
	const json_t *token;
	size_t i;
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = api_token_list(db, &all, err);
	if (r == 0)
		r = name_scopes(all, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:O}", "tokens", all), err);
	printf("%-16s  %-24s  %-16s %-18s  %s\n", "ID", "NAME", "PERSON", "GOOD UNTIL", "SCOPES");
	json_array_foreach(all, i, token)
	{
		print_token(token);
	}
	return 0;
}

const struct verb verb_server_token_list = {
	.name = "token list",
	.help = "show the tokens for the API, without their secrets",
	.options = options,
	.run = run_list,
};

static int run_revoke(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	return server_cli_revoke(cli, args, api_token_revoke, "token.revoke", err);
}

const struct verb verb_server_token_revoke = {
	.name = "token revoke",
	.args = "ID",
	.help = "end a token for the API",
	.more = "A server that runs may take it for another minute.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_revoke,
};
