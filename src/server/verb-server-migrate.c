/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "fleet/db/migrate.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static int migrate(struct db *db, int *from, struct oak_error *err)
{
	int r = migrate_version(db, from, err);

	if (r < 0)
		return r;
	if (*from == 0)
		return oak_fail(err, OAK_E_REFUSED,
				"the database is empty: run 'oakum-server init' first");
	if (*from == migrate_newest())
		return oak_fail(err, OAK_E_NOTHING, "the schema is %d, the newest", *from);
	return migrate_to(db, migrate_newest(), err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	int from = 0, r = server_cli_settings(args, &s, err);

	if (r == 0)
		r = server_cli_become_owner(&s, err);
	if (r == 0)
		r = db_open(s.database, &db, err);
	if (r == 0)
		r = migrate(db, &from, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:i, s:i}", "from", from, "to", migrate_newest()),
				      err);
	printf("the schema was %d, and is %d now\n", from, migrate_newest());
	return 0;
}

const struct verb verb_server_migrate = {
	.name = "migrate",
	.help = "bring the database to this version's schema",
	.more = "There is no way back but a backup: make one first. With several servers on one\n"
		"PostgreSQL, stop those of the older version before.",
	.options = options,
	.run = run,
};
