/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/verbs-server.h"

static const struct verb *const verbs[] = {
	&verb_server_init,
	&verb_server_run,
	&verb_server_check,
	&verb_server_user_add,
	&verb_server_user_list,
	&verb_server_user_role,
	&verb_server_user_disable,
	&verb_server_user_enable,
	&verb_server_user_password,
	&verb_server_user_delete,
	&verb_server_user_reset_totp,
	&verb_server_enrol_token_create,
	&verb_server_enrol_token_list,
	&verb_server_enrol_token_revoke,
	&verb_server_token_create,
	&verb_server_token_list,
	&verb_server_token_revoke,
	&verb_server_audit_verify,
	&verb_server_backup,
	&verb_server_restore,
	&verb_server_migrate,
	NULL,
};

static const struct program server = {
	.name = "oakum-server",
	.about = "roll levels out over a fleet of hosts",
	.verbs = verbs,
};

int main(int argc, char **argv)
{
	return cli_main(&server, argc, argv);
}
