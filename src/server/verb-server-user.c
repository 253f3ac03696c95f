/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The people who use the server: the first admin, and whoever is locked out. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "fleet/store/second-factor.h"
#include "fleet/store/sessions.h"
#include "fleet/store/users.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

enum {
	OPT_ROLE = SERVER_OPT_SETTINGS + 1,
	OPT_PASSWORD_FILE,
	OPT_GENERATE,
	OPT_MUST_CHANGE,
};

#define OPTION_ROLE                                                                           \
	{                                                                                     \
		.name = "role", .arg = "ROLE", .help = "viewer, operator, approver or admin", \
		.required = true                                                              \
	}
#define OPTION_PASSWORD_FILE                                                           \
	{                                                                              \
		.name = "password-file", .arg = "FILE",                                \
		.help = "whose first line is the password; otherwise it is asked for", \
	}
#define OPTION_GENERATE                                                                   \
	{                                                                                 \
		.name = "generate",                                                       \
		.help = "make one and print it; it must be changed at the first sign-in", \
	}
#define OPTION_MUST_CHANGE                                                                  \
	{                                                                                   \
		.name = "must-change", .help = "another one is chosen at the first sign-in" \
	}

static const struct cli_option add_options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS, [OPT_ROLE] = OPTION_ROLE,
	[OPT_PASSWORD_FILE] = OPTION_PASSWORD_FILE,     [OPT_GENERATE] = OPTION_GENERATE,
	[OPT_MUST_CHANGE] = OPTION_MUST_CHANGE,         { .name = NULL },
};

/* At the same places. */
static const struct cli_option password_options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	[OPT_ROLE] = { .name = "role", .arg = "ROLE", .help = "not taken here: see 'user role'" },
	[OPT_PASSWORD_FILE] = OPTION_PASSWORD_FILE,
	[OPT_GENERATE] = OPTION_GENERATE,
	[OPT_MUST_CHANGE] = OPTION_MUST_CHANGE,
	{ .name = NULL },
};

static const struct cli_option plain_options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

/* --- the password */

struct chosen {
	char text[PASSWORD_MAX + 2];
	bool generated, must_change;
};

static void forget(struct chosen *c)
{
	sodium_memzero(c, sizeof(*c));
}

static int from_file(const char *path, struct chosen *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, path, (size_t)2 * PASSWORD_MAX, &text, err);
	size_t len;

	if (r < 0)
		return r;
	len = strcspn(buf_str(&text), "\r\n");
	if (len > PASSWORD_MAX)
		return oak_fail(err, OAK_E_USAGE, "%s: the first line is too long", path);
	memcpy(ret->text, buf_str(&text), len);
	ret->text[len] = '\0';
	sodium_memzero(text.data, text.len);
	return 0;
}

/* One line of the terminal, which does not show it. */
static int ask(const char *question, char *ret, size_t size, struct oak_error *err)
{
	_cleanup_(fclosep) FILE *tty = fopen("/dev/tty", "r+e");
	struct termios before, quiet;
	char *line;

	if (!tty || tcgetattr(fileno(tty), &before) < 0)
		return oak_fail(err, OAK_E_USAGE,
				"there is no terminal to ask for the password: give --password-file "
				"or --generate");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)fprintf(tty, "%s: ", question);
	(void)fflush(tty);
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
	line = fgets(ret, (int)size, tty);
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &before);
	(void)fprintf(tty, "\n");
	if (!line)
		return oak_fail(err, OAK_E_USAGE, "no password was given");
	ret[strcspn(ret, "\r\n")] = '\0';
	return 0;
}

static int from_terminal(struct chosen *ret, struct oak_error *err)
{
	char again[sizeof(ret->text)];
	int r = ask("Password", ret->text, sizeof(ret->text), err);

	if (r == 0)
		r = ask("Once more", again, sizeof(again), err);
	if (r == 0 && strcmp(again, ret->text) != 0)
		r = oak_fail(err, OAK_E_USAGE, "these were two different ones");
	sodium_memzero(again, sizeof(again));
	return r;
}

static int choose(const struct cli_args *args, struct chosen *ret, struct oak_error *err)
{
	const char *file = cli_value(args, OPT_PASSWORD_FILE, NULL);

	ret->generated = args->opt[OPT_GENERATE].n > 0;
	ret->must_change = ret->generated || args->opt[OPT_MUST_CHANGE].n > 0;
	if (file && ret->generated)
		return oak_fail(err, OAK_E_USAGE,
				"--password-file and --generate exclude each other");
	if (ret->generated)
		password_make(ret->text);
	else if (file)
		return from_file(file, ret, err);
	else
		return from_terminal(ret, err);
	return 0;
}

/* --- one person, in one transaction */

struct deed {
	const struct cli_args *args;
	struct db *db;
	struct user user; /* found already; of "add": made */
	enum person_role role;
	struct chosen chosen;
	int64_t now_s;
};

static void end_deed(struct deed *d)
{
	forget(&d->chosen);
	db_close(d->db);
}

static int within(struct deed *d, const char *action,
		  int (*run)(struct deed *d, struct oak_error *err), struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *detail = NULL;
	int r = run(d, err);

	if (r < 0)
		return r;
	detail = json_pack("{s:s, s:s}", "name", d->user.name, "role", role_name(d->user.role));
	return detail ? server_cli_audit(d->db, action, d->user.id, detail, err)
		      : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int in_transaction(struct deed *d, const char *action,
			  int (*run)(struct deed *d, struct oak_error *err), struct oak_error *err)
{
	int r = db_begin(d->db, err);

	if (r == 0)
		r = within(d, action, run, err);
	if (r == 0)
		r = db_commit(d->db, err);
	if (r < 0)
		db_rollback(d->db);
	return r;
}

static int begin(struct deed *d, struct server_settings *s, struct oak_error *err)
{
	d->now_s = server_cli_now_s();
	return server_cli_begin(d->args, s, &d->db, err);
}

/* The verbs that change somebody who is there. */
static int change(const struct cli *cli, struct deed *d, const char *action,
		  int (*run)(struct deed *d, struct oak_error *err), struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(json_decrefp) json_t *json = NULL;
	int r = begin(d, &s, err);

	if (r == 0)
		r = user_by_name(d->db, d->args->v[0], &d->user, err);
	if (r == 0)
		r = in_transaction(d, action, run, err);
	if (r < 0)
		return r;
	if (cli->json) {
		json = json_pack("{s:s, s:s}", "id", d->user.id, "name", d->user.name);
		if (json && d->chosen.generated)
			(void)json_object_set_new(json, "password", json_string(d->chosen.text));
		return cli_print_json(take_ptr(json), err);
	}
	if (d->chosen.generated)
		printf("%s\n", d->chosen.text);
	(void)fprintf(stderr, "%s: %s\n", d->user.name, action);
	return 0;
}

static int add_one(struct deed *d, struct oak_error *err)
{
	return user_create(d->db,
			   &(const struct user_new){ .name = d->args->v[0],
						     .role = d->role,
						     .password = d->chosen.text,
						     .must_change = d->chosen.must_change },
			   d->now_s, &d->user, err);
}

static int parse_role(const char *text, enum person_role *ret, struct oak_error *err)
{
	return role_parse(text, ret)
		       ? 0
		       : oak_fail(err, OAK_E_USAGE,
				  "role %s: must be viewer, operator, approver or admin", text);
}

static int run_add(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(end_deed) struct deed d = { .args = args };
	json_t *json;
	int r = parse_role(cli_value(args, OPT_ROLE, ""), &d.role, err);

	if (r == 0)
		r = begin(&d, &s, err);
	if (r == 0)
		r = choose(args, &d.chosen, err);
	if (r == 0)
		r = in_transaction(&d, "user.create", add_one, err);
	if (r < 0)
		return r;
	if (cli->json) {
		json = json_pack("{s:s, s:s, s:s}", "id", d.user.id, "name", d.user.name, "role",
				 role_name(d.user.role));
		if (json && d.chosen.generated)
			(void)json_object_set_new(json, "password", json_string(d.chosen.text));
		return cli_print_json(json, err);
	}
	if (d.chosen.generated)
		printf("%s\n", d.chosen.text);
	(void)fprintf(stderr, "%s may sign in as %s.%s\n", d.user.name, role_name(d.user.role),
		      d.chosen.generated ? " The password is shown this once." : "");
	return 0;
}

const struct verb verb_server_user_add = {
	.name = "user add",
	.args = "NAME",
	.help = "let a person sign in",
	.more = "The password is asked for on the terminal, or comes of a file, or is made and printed.\n"
		"There is none otherwise, and nobody is there from the start.",
	.min_args = 1,
	.max_args = 1,
	.options = add_options,
	.run = run_add,
};

/* --- list */

static void print_user(const json_t *u)
{
	char date[SERVER_DATE_MAX];

	server_cli_date(json_integer_value(json_object_get(u, "seen")), date);
	printf("%-24s  %-8s  %-8s  %-4s  %s\n", json_get_str(u, "name"), json_get_str(u, "role"),
	       json_is_true(json_object_get(u, "disabled")) ? "disabled" : "active",
	       json_is_true(json_object_get(u, "totp")) ? "yes" : "no", date);
}

static int run_list(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(json_decrefp) json_t *all = NULL;
	_cleanup_(db_closep) struct db *db = NULL;
	const json_t *u;
	size_t i;
	int r = server_cli_begin(args, &s, &db, err);

	if (r == 0)
		r = user_list(db, &all, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:O}", "users", all), err);
	printf("%-24s  %-8s  %-8s  %-4s  %s\n", "NAME", "ROLE", "STATE", "CODE", "SEEN");
	json_array_foreach(all, i, u)
	{
		print_user(u);
	}
	return 0;
}

const struct verb verb_server_user_list = {
	.name = "user list",
	.help = "show the people who may sign in",
	.options = plain_options,
	.run = run_list,
};

/* --- changes */

static int role_one(struct deed *d, struct oak_error *err)
{
	int r = user_set_role(d->db, d->user.id, d->role, err);

	d->user.role = d->role;
	return r;
}

static int run_role(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(end_deed) struct deed d = { .args = args };
	int r = parse_role(args->v[1], &d.role, err);

	return r < 0 ? r : change(cli, &d, "user.role", role_one, err);
}

const struct verb verb_server_user_role = {
	.name = "user role",
	.args = "NAME ROLE",
	.help = "make a person viewer, operator, approver or admin",
	.more = "Ends the person's sessions. Tokens never allow more than the role of their person.",
	.min_args = 2,
	.max_args = 2,
	.options = plain_options,
	.run = run_role,
};

static int disable_one(struct deed *d, struct oak_error *err)
{
	return user_set_disabled(d->db, d->user.id, true, err);
}

static int enable_one(struct deed *d, struct oak_error *err)
{
	return user_set_disabled(d->db, d->user.id, false, err);
}

static int delete_one(struct deed *d, struct oak_error *err)
{
	return user_delete(d->db, d->user.id, d->now_s, err);
}

static int reset_one(struct deed *d, struct oak_error *err)
{
	return user_totp_remove(d->db, d->user.id, true, err);
}

static int password_one(struct deed *d, struct oak_error *err)
{
	return user_set_password(d->db, d->user.id, d->chosen.text, d->chosen.must_change, d->now_s,
				 err);
}

static int run_password(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(end_deed) struct deed d = { .args = args };
	int r = args->opt[OPT_ROLE].n ? oak_fail(err, OAK_E_USAGE, "--role: see 'user role'")
				      : choose(args, &d.chosen, err);

	return r < 0 ? r : change(cli, &d, "user.password", password_one, err);
}

const struct verb verb_server_user_password = {
	.name = "user password",
	.args = "NAME",
	.help = "give a person another password, which ends the sessions",
	.min_args = 1,
	.max_args = 1,
	.options = password_options,
	.run = run_password,
};

static int run_simple(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	static const struct {
		const char *verb, *action;
		int (*run)(struct deed *d, struct oak_error *err);
	} rows[] = {
		{ "user disable", "user.disable", disable_one },
		{ "user enable", "user.enable", enable_one },
		{ "user delete", "user.delete", delete_one },
		{ "user reset-totp", "user.reset-totp", reset_one },
	};
	_cleanup_(end_deed) struct deed d = { .args = args };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].verb, cli->verb->name) == 0)
			return change(cli, &d, rows[i].action, rows[i].run, err);
	return oak_fail(err, OAK_E_FAILED, "no such verb");
}

#define SIMPLE(id, name_, help_, more_)             \
	const struct verb verb_server_user_##id = { \
		.name = (name_),                    \
		.args = "NAME",                     \
		.help = (help_),                    \
		.more = (more_),                    \
		.min_args = 1,                      \
		.max_args = 1,                      \
		.options = plain_options,           \
		.run = run_simple,                  \
	}

SIMPLE(disable, "user disable", "keep a person out; sessions end, tokens rest",
       "The last admin who can sign in stays.");
SIMPLE(enable, "user enable", "let a person in again", NULL);
SIMPLE(delete, "user delete", "forget a person; tokens are revoked",
       "What the person did stays in the audit log.");
SIMPLE(reset_totp, "user reset-totp", "forget a person's codes: device and recovery codes",
       "The person signs in by password alone, and can set up another device.");
