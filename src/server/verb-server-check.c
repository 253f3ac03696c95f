/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>

#include "fleet/db/migrate.h"
#include "server/certificate.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"
#include "trust/key-file.h"

#define DAY_S  86400
#define SOON_S (INT64_C(30) * DAY_S)

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

static int check_key(const struct server_settings *s, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(freep) char *path = NULL;
	int r = server_cli_path(s, SERVER_KEY_FILE, &path, err);

	return r < 0 ? r : key_file_read(AT_FDCWD, path, NULL, &key, err);
}

static int check_certificate(const struct server_settings *s, int64_t *ret_expires_s,
			     struct oak_error *err)
{
	char sha256[SHA256_HEX_MAX];
	int64_t now_s = server_cli_now_s();
	int r;

	if (s->plain)
		return 0;
	r = certificate_read(s->certificate, sha256, ret_expires_s, err);
	if (r == 0 && *ret_expires_s < now_s)
		r = oak_fail(err, OAK_E_TRUST, "%s has expired", s->certificate);
	return r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(db_closep) struct db *db = NULL;
	int64_t expires_s = 0;
	char date[SERVER_DATE_MAX];
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = check_key(&s, err);
	if (r == 0)
		r = check_certificate(&s, &expires_s, err);
	if (r < 0)
		return r;
	if (expires_s && expires_s < server_cli_now_s() + SOON_S) {
		server_cli_date(expires_s, date);
		(void)fprintf(stderr, "%s expires on %s\n", s.certificate, date);
	}
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s, s:i, s:I}", "listen", s.listen, "data",
						s.data, "schema", migrate_newest(),
						"certificate_expires", (json_int_t)expires_s),
				      err);
	printf("settings, key, certificate and database are good\n");
	return 0;
}

const struct verb verb_server_check = {
	.name = "check",
	.help = "verify settings, key, certificate and database",
	.options = options,
	.run = run,
};
