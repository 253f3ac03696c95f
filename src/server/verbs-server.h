/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs-server: the verbs of oakum-server, and what several of them do. */
#ifndef OAK_SERVER_VERBS_SERVER_H
#define OAK_SERVER_VERBS_SERVER_H

#include "cli/cli.h"
#include "fleet/store/tokens.h"

extern const struct verb verb_server_init;
extern const struct verb verb_server_run;
extern const struct verb verb_server_check;
extern const struct verb verb_server_migrate;
extern const struct verb verb_server_token_create;
extern const struct verb verb_server_token_list;
extern const struct verb verb_server_token_revoke;
extern const struct verb verb_server_enrol_token_create;
extern const struct verb verb_server_enrol_token_list;
extern const struct verb verb_server_enrol_token_revoke;
extern const struct verb verb_server_user_add;
extern const struct verb verb_server_user_list;
extern const struct verb verb_server_user_role;
extern const struct verb verb_server_user_disable;
extern const struct verb verb_server_user_enable;
extern const struct verb verb_server_user_password;
extern const struct verb verb_server_user_delete;
extern const struct verb verb_server_user_reset_totp;
extern const struct verb verb_server_backup;
extern const struct verb verb_server_restore;
extern const struct verb verb_server_audit_verify;

/* With its line in the audit log; @ret also holds it for --json. */
int server_enrol_token_create(struct db *db, const struct enrol_token_new *t,
			      char secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
	_must_check_;

/* "revoked" or until when it is good, for a row of a list. */
void server_cli_print_life(const json_t *token);

/* The whole of "... revoke ID". */
int server_cli_revoke(const struct cli *cli, const struct cli_args *args,
		      int (*revoke)(struct db *db, const char *id, int64_t now_s,
				    struct oak_error *err),
		      const char *action, struct oak_error *err) _must_check_;

#endif
