/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both kinds of tokens have in common. */
#include <stdio.h>

#include "server/server-cli.h"
#include "server/verbs-server.h"

void server_cli_print_life(const json_t *token)
{
	char date[SERVER_DATE_MAX];

	server_cli_date(json_integer_value(json_object_get(token, "expires")), date);
	printf(" %-18s", json_is_integer(json_object_get(token, "revoked")) ? "revoked" : date);
}

int server_cli_revoke(const struct cli *cli, const struct cli_args *args,
		      int (*revoke)(struct db *db, const char *id, int64_t now_s,
				    struct oak_error *err),
		      const char *action, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	const char *id = args->v[0];
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = db_begin(db, err);
	if (r == 0)
		r = revoke(db, id, server_cli_now_s(), err);
	if (r == 0)
		r = server_cli_audit(db, action, id, NULL, err);
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:b}", "id", id, "revoked", 1), err);
	printf("revoked %s\n", id);
	return 0;
}
