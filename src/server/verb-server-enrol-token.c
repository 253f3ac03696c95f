/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enrolment tokens: what lets a host come. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "fleet/store/tokens.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

#define USES_DEFAULT "1"

enum {
	OPT_RING = SERVER_OPT_SETTINGS + 1,
	OPT_TAG,
	OPT_USES,
	OPT_EXPIRES,
	OPT_OWN_TAGS
};

static const struct cli_option create_options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	[OPT_RING] = { .name = "ring", .arg = "RING", .help = "of its hosts: default (otherwise)" },
	[OPT_TAG] = { .name = "tag",
		      .arg = "TAG",
		      .help = "of each of its hosts: role=web",
		      .multi = true },
	[OPT_USES] = { .name = "uses",
		       .arg = "N",
		       .help = "so many hosts: " USES_DEFAULT " (otherwise); 0: any number" },
	[OPT_EXPIRES] = { .name = "expires",
			  .arg = "TIME",
			  .help = "from now: 7d (otherwise), 12h, never" },
	[OPT_OWN_TAGS] = { .name = "own-tags",
			   .help = "hosts may bring the tags of their oakum.conf" },
	{ .name = NULL },
};

static int parse_uses(const char *text, uint32_t *ret, struct oak_error *err)
{
	size_t len = strlen(text);
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n = n * 10 + (uint32_t)(text[i] - '0');
	if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
		return oak_fail(err, OAK_E_USAGE, "--uses %s: must be a number to 999999999", text);
	*ret = n;
	return 0;
}

static json_t *tags_of(const struct cli_values *values)
{
	_cleanup_(json_decrefp) json_t *ret = json_array();

	for (size_t i = 0; i < values->n; i++)
		if (json_array_append_new(ret, json_string(values->v[i])) < 0)
			return NULL;
	return take_ptr(ret);
}

int server_enrol_token_create(struct db *db, const struct enrol_token_new *t,
			      char secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (r == 0)
		r = enrol_token_create(db, t, server_cli_now_s(), secret, ret, err);
	if (r == 0)
		r = server_cli_audit(db, "enrol-token.create", json_get_str(*ret, "id"), *ret, err);
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
	_cleanup_(json_decrefp) json_t *made = NULL, *tags = tags_of(&args->opt[OPT_TAG]);
	struct enrol_token_new t = { .name = args->v[0],
				     .ring = cli_value(args, OPT_RING, "default"),
				     .tags = tags,
				     .own_tags = args->opt[OPT_OWN_TAGS].n };
	char secret[TOKEN_TEXT_MAX];
	int r = server_cli_expiry("expires", cli_value(args, OPT_EXPIRES, "7d"), &t.expires_s, err);

	if (r == 0 && !tags)
		r = oak_fail(err, OAK_E_USAGE, "--tag: not UTF-8");
	if (r == 0)
		r = parse_uses(cli_value(args, OPT_USES, USES_DEFAULT), &t.uses, err);
	if (r == 0)
		r = server_cli_begin(args, &s, &db, err);
	if (r == 0)
		r = server_enrol_token_create(db, &t, secret, &made, err);
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

const struct verb verb_server_enrol_token_create = {
	.name = "enrol-token create",
	.args = "NAME",
	.help = "make a token that lets hosts enrol",
	.more = "The token is written to standard output, once; the server keeps only its hash.\n"
		"'oakum register --server URL --token TOKEN' uses it.",
	.min_args = 1,
	.max_args = 1,
	.options = create_options,
	.run = run_create,
};

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static void print_token(const json_t *token)
{
	json_int_t uses = json_integer_value(json_object_get(token, "uses"));
	const json_t *tag;
	char left[48];
	size_t i;

	(void)snprintf(left, sizeof(left), "%lld of %lld",
		       json_integer_value(json_object_get(token, "used")), uses);
	if (uses == 0)
		(void)snprintf(left, sizeof(left), "%lld",
			       json_integer_value(json_object_get(token, "used")));
	printf("%-16s  %-24s ", json_get_str(token, "id"), json_get_str(token, "name"));
	server_cli_print_life(token);
	printf("  %-12s  %s", left, json_get_str(token, "ring"));
	json_array_foreach(json_object_get(token, "tags"), i, tag)
	{
		printf(" %s", json_string_value(tag));
	}
	printf("%s\n", json_is_true(json_object_get(token, "own_tags")) ? " (and their own)" : "");
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
		r = enrol_token_list(db, &all, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:O}", "enrol_tokens", all), err);
	printf("%-16s  %-24s  %-18s  %-12s  %s\n", "ID", "NAME", "GOOD UNTIL", "USED",
	       "RING AND TAGS");
	json_array_foreach(all, i, token)
	{
		print_token(token);
	}
	return 0;
}

const struct verb verb_server_enrol_token_list = {
	.name = "enrol-token list",
	.help = "show the tokens that let hosts enrol, without their secrets",
	.options = options,
	.run = run_list,
};

static int run_revoke(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	return server_cli_revoke(cli, args, enrol_token_revoke, "enrol-token.revoke", err);
}

const struct verb verb_server_enrol_token_revoke = {
	.name = "enrol-token revoke",
	.args = "ID",
	.help = "end an enrolment token; hosts that came with it stay",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_revoke,
};
