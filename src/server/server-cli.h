/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server-cli: what the verbs of oakum-server share. */
#ifndef OAK_SERVER_SERVER_CLI_H
#define OAK_SERVER_SERVER_CLI_H

#include "base/cleanup.h"
#include "cli/cli.h"
#include "fleet/db/db.h"
#include "fleet/server-settings.h"

/* The first option of every verb. */
enum {
	SERVER_OPT_SETTINGS
};
#define SERVER_OPTION_SETTINGS                                      \
	{                                                           \
		.name = "settings", .arg = "FILE",                  \
		.help = "in the place of " SERVER_SETTINGS_PATH "", \
	}

/* The file that was named; or the usual one, which may be missing. */
int server_cli_settings(const struct cli_args *args, struct server_settings *ret,
			struct oak_error *err) _must_check_;

/*
 * Where root runs a verb on the data of another user (the service's), it becomes that user, so that no file
 * is root's afterwards. Call it once settings were read.
 */
int server_cli_become_owner(const struct server_settings *s, struct oak_error *err) _must_check_;

/* The database, whose schema must be this program's; after server_cli_become_owner(). */
int server_cli_open(const struct server_settings *s, struct db **ret, struct oak_error *err)
	_must_check_;

/* Settings, owner, database: what most verbs begin with. */
int server_cli_begin(const struct cli_args *args, struct server_settings *s, struct db **ret,
		     struct oak_error *err) _must_check_;

int64_t server_cli_now_s(void);

/* "30d" from now on; NULL or "never": 0. Errors: OAK_E_USAGE, which names @option. */
int server_cli_expiry(const char *option, const char *text, int64_t *ret_s, struct oak_error *err)
	_must_check_;

/* "2026-11-27 22:00" in UTC, or "never" for 0. */
#define SERVER_DATE_MAX 32
void server_cli_date(int64_t s, char ret[SERVER_DATE_MAX]);

/* In the transaction of what was done: by whom it was, as the audit log has it. */
int server_cli_audit(struct db *db, const char *action, const char *subject, json_t *detail,
		     struct oak_error *err) _must_check_;

/* The path of a file below the data directory, on the heap. */
int server_cli_path(const struct server_settings *s, const char *name, char **ret,
		    struct oak_error *err) _must_check_;

#endif
