/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backup and restore: the database of a server on SQLite. */
#include <inttypes.h>
#include <stdio.h>

#include "fleet/store/backup.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static int print(const struct cli *cli, const char *file, const struct store_check *c,
		 struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:i, s:I, s:I}", "file", file, "schema",
						c->version, "hosts", (json_int_t)c->hosts,
						"audit_entries", (json_int_t)c->audit_entries),
				      err);
	printf("%s: %" PRId64 " hosts, %" PRIu64 " entries of the audit log, schema %d\n", file,
	       c->hosts, c->audit_entries, c->version);
	return 0;
}

static int run_backup(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	struct store_check c = { .version = 0 };
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = store_backup(db, args->v[0], &c, err);
	return r < 0 ? r : print(cli, args->v[0], &c, err);
}

const struct verb verb_server_backup = {
	.name = "backup",
	.args = "FILE",
	.help = "copy the database while the server runs",
	.more = "FILE is replaced once the copy is complete and checked. Hosts believe the key\n"
		"" SERVER_KEY_FILE " of the data directory: keep a copy of it as well, apart from\n"
		"the backups. For PostgreSQL use pg_dump.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_backup,
};

static int run_restore(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	struct store_check c = { .version = 0 };
	int r = server_cli_settings(args, &s, err);

	if (r == 0)
		r = server_cli_become_owner(&s, err);
	if (r == 0)
		r = store_restore(s.database, args->v[0], &c, err);
	return r < 0 ? r : print(cli, args->v[0], &c, err);
}

const struct verb verb_server_restore = {
	.name = "restore",
	.args = "FILE",
	.help = "make a backup the database again; the server is stopped",
	.more = "The backup is checked first, and stays; what was the database is kept beside it as\n"
		"'.before'. Hosts that reported since then are told which sequence is expected, and go\n"
		"on. For PostgreSQL use pg_restore.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run_restore,
};
