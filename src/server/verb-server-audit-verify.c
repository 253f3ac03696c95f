/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "fleet/store/audit.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	uint64_t entries = 0;
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = audit_verify(db, &entries, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:b, s:I}", "good", 1, "entries",
						(json_int_t)entries),
				      err);
	printf("good: %" PRIu64 " entries, each holds the hash of the one before\n", entries);
	return 0;
}

const struct verb verb_server_audit_verify = {
	.name = "audit verify",
	.help = "check that nothing in the audit log was changed or taken out",
	.options = options,
	.run = run,
};
