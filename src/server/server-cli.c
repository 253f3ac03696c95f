/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/server-cli.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/words.h"
#include "fleet/db/migrate.h"
#include "fleet/store/audit.h"

int server_cli_settings(const struct cli_args *args, struct server_settings *ret,
			struct oak_error *err)
{
	const char *named = cli_value(args, SERVER_OPT_SETTINGS, NULL);
	int r = server_settings_read(named ? named : SERVER_SETTINGS_PATH, ret, err);

	return r == -OAK_E_NOTFOUND && !named ? server_settings_init(ret, err) : r;
}

int server_cli_become_owner(const struct server_settings *s, struct oak_error *err)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(s->data, &st) < 0)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "%s", s->data);
	if (st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
		return oak_fail_errno(err, errno, "cannot become the owner of %s", s->data);
	return 0;
}

int server_cli_open(const struct server_settings *s, struct db **ret, struct oak_error *err)
{
	_cleanup_(db_closep) struct db *db = NULL;
	int version = 0, r;

	/* SQLite would make an empty one. */
	if (strncmp(s->database, "sqlite:", 7) == 0 && access(s->database + 7, F_OK) < 0 &&
	    errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s is missing: run 'oakum-server init' first",
				s->database + 7);
	r = db_open(s->database, &db, err);
	if (r == 0)
		r = migrate_version(db, &version, err);
	if (r < 0)
		return r;
	if (version < migrate_newest())
		return oak_fail(err, OAK_E_REFUSED, "%s",
				version ? "the database has the schema of an older version: run "
					  "'oakum-server migrate'"
					: "the database is empty: run 'oakum-server init' first");
	if (version > migrate_newest())
		return oak_fail(err, OAK_E_REFUSED,
				"the database has schema %d, this program knows %d: it is older "
				"than the database",
				version, migrate_newest());
	*ret = take_ptr(db);
	return 0;
}

int server_cli_begin(const struct cli_args *args, struct server_settings *s, struct db **ret,
		     struct oak_error *err)
{
	int r = server_cli_settings(args, s, err);

	if (r == 0)
		r = server_cli_become_owner(s, err);
	return r < 0 ? r : server_cli_open(s, ret, err);
}

int64_t server_cli_now_s(void)
{
	return (int64_t)time(NULL);
}

int server_cli_expiry(const char *option, const char *text, int64_t *ret_s, struct oak_error *err)
{
	uint32_t s;

	if (!text || strcmp(text, "never") == 0) {
		*ret_s = 0;
		return 0;
	}
	if (duration_parse(text, &s) < 0 || s == 0)
		return oak_fail(err, OAK_E_USAGE,
				"--%s %s: must be a number and s, m, h or d, or 'never'", option,
				text);
	*ret_s = server_cli_now_s() + s;
	return 0;
}

void server_cli_date(int64_t s, char ret[SERVER_DATE_MAX])
{
	time_t at = (time_t)s;
	struct tm tm;

	if (s == 0 || !gmtime_r(&at, &tm) ||
	    strftime(ret, SERVER_DATE_MAX, "%Y-%m-%d %H:%M", &tm) == 0)
		(void)snprintf(ret, SERVER_DATE_MAX, "never");
}

int server_cli_audit(struct db *db, const char *action, const char *subject, json_t *detail,
		     struct oak_error *err)
{
	return audit_add(db,
			 &(const struct audit_entry){ .who = "console",
						      .action = action,
						      .subject = subject,
						      .detail = detail,
						      .at_s = server_cli_now_s() },
			 err);
}

int server_cli_path(const struct server_settings *s, const char *name, char **ret,
		    struct oak_error *err)
{
	*ret = path_join(s->data, name);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
