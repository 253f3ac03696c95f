/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init: all that a server needs, each piece only where it is missing: an init that was killed is run again. The
 * key comes first: a database that is in use without it was another server's.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "fleet/db/migrate.h"
#include "fleet/http/http.h"
#include "fleet/store/tokens.h"
#include "server/certificate.h"
#include "server/remember.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"
#include "trust/key-file.h"

#define DATA_MODE    0700
#define HOST_MAX     256
#define ADDRESS_MAX  300
#define ENROL_GOOD_S (INT64_C(7) * 86400)
#define ENROL_USES   100
#define FIRST_NAME   "first"
#define SCOPES_ALL \
	(SCOPE_READ | SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_APPROVE | SCOPE_ADMIN | SCOPE_METRICS)

enum {
	OPT_DATA = SERVER_OPT_SETTINGS + 1,
	OPT_LISTEN,
	OPT_DATABASE,
	OPT_NAME,
	OPT_CERTIFICATE,
	OPT_KEY
};

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	[OPT_DATA] = { .name = "data",
		       .arg = "DIR",
		       .help = "setting 'data': where all of it lies" },
	[OPT_LISTEN] = { .name = "listen",
			 .arg = "ADDRESS:PORT",
			 .help = "setting 'listen': [::]:8443 otherwise" },
	[OPT_DATABASE] = { .name = "database",
			   .arg = "URL",
			   .help = "setting 'database': postgresql://... for several servers" },
	[OPT_NAME] = { .name = "name",
		       .arg = "NAME",
		       .help = "host name or address in the certificate, as hosts use it",
		       .multi = true },
	[OPT_CERTIFICATE] = { .name = "certificate",
			      .arg = "FILE",
			      .help = "setting 'certificate': one of yours (PEM, with --key)" },
	[OPT_KEY] = { .name = "key", .arg = "FILE", .help = "setting 'key'" },
	{ .name = NULL },
};

struct init {
	struct server_settings s;
	char host[HOST_MAX]; /* this machine's name */
	bool did;            /* anything */
	char fingerprint[SHA256_HEX_MAX];
	char url[ADDRESS_MAX];
	char api_token[TOKEN_TEXT_MAX], enrol_token[TOKEN_TEXT_MAX]; /* "": made before */
};

/* What the file says, then what the command line says, which the file says from now on. */
static int read_settings(const struct cli_args *args, struct init *x, struct oak_error *err)
{
	const char *path = cli_value(args, SERVER_OPT_SETTINGS, SERVER_SETTINGS_PATH);
	const struct remembered given[] = {
		{ "data", cli_value(args, OPT_DATA, NULL) },
		{ "listen", cli_value(args, OPT_LISTEN, NULL) },
		{ "database", cli_value(args, OPT_DATABASE, NULL) },
		{ "certificate", cli_value(args, OPT_CERTIFICATE, NULL) },
		{ "key", cli_value(args, OPT_KEY, NULL) },
	};
	_cleanup_(server_settings_free) struct server_settings check = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = 0;

	if (!given[3].value != !given[4].value)
		return oak_fail(err, OAK_E_USAGE, "--certificate and --key come together");
	/* Values are looked at before they are written. */
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].value &&
		    (strchr(given[i].value, '\n') ||
		     buf_printf(&text, "%s = %s\n", given[i].key, given[i].value) < 0))
			return oak_fail(err, OAK_E_USAGE, "--%s: has a newline", given[i].key);
	if (text.len)
		r = server_settings_parse("command line", text.data, text.len, &check, err);
	if (r == 0)
		r = settings_remember(path, given, sizeof(given) / sizeof(given[0]), err);
	if (r == 0)
		r = server_settings_read(path, &x->s, err);
	return r == -OAK_E_NOTFOUND ? server_settings_init(&x->s, err) : r;
}

static int make_data(struct init *x, struct oak_error *err)
{
	_cleanup_(freep) char *parent = strdup(x->s.data);
	int r = parent ? dir_make(AT_FDCWD, dirname(parent), err)
		       : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return r;
	if (mkdir(x->s.data, DATA_MODE) < 0 && errno != EEXIST)
		return oak_fail_errno(err, errno, "%s", x->s.data);
	return file_sync_entry(AT_FDCWD, x->s.data, err);
}

/* The public half is for people; an init that was killed between the two left it out. */
static int finish_key(const char *path, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(freep) char *public = key_file_public_path(path);
	int r;

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, public))
		return 0;
	r = key_file_read(AT_FDCWD, path, NULL, &key, err);
	return r < 0 ? r : key_file_write_public(key, AT_FDCWD, path, err);
}

static int make_key(struct init *x, int version, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(freep) char *path = NULL;
	int r = server_cli_path(&x->s, SERVER_KEY_FILE, &path, err);

	if (r < 0)
		return r;
	if (file_exists(AT_FDCWD, path))
		return finish_key(path, err);
	if (version > 0)
		return oak_fail(err, OAK_E_REFUSED,
				"the database is in use, and its hosts believe a key that is not "
				"here: copy %s from its server, or name an empty database",
				path);
	x->did = true;
	r = tuf_key_generate(&key, err);
	return r < 0 ? r : key_file_write(key, AT_FDCWD, path, NULL, err);
}

static const char *first_name(const struct cli_args *args, const struct init *x)
{
	return cli_value(args, OPT_NAME, x->host);
}

static int make_certificate(const struct cli_args *args, struct init *x, struct oak_error *err)
{
	const char *names[CERTIFICATE_NAMES_MAX] = { NULL };
	struct certificate_new c = { .names = names,
				     .certificate = x->s.certificate,
				     .key = x->s.key,
				     .now_s = server_cli_now_s() };
	static const char *const local[] = { "localhost", "127.0.0.1", "::1" };
	int64_t expires_s;
	int r = 0;

	if (x->s.plain)
		return 0;
	if (args->opt[OPT_NAME].n > CERTIFICATE_NAMES_MAX - 4)
		return oak_fail(err, OAK_E_USAGE, "too many names");
	for (size_t i = 0; i < args->opt[OPT_NAME].n; i++)
		names[c.n_names++] = args->opt[OPT_NAME].v[i];
	names[c.n_names++] = x->host;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		names[c.n_names++] = local[i];
	/* A key alone is what an init that was killed has left: its certificate was nobody's. */
	if (!file_exists(AT_FDCWD, c.certificate) && !args->opt[OPT_KEY].n) {
		if (unlink(c.key) < 0 && errno != ENOENT)
			return oak_fail_errno(err, errno, "%s", c.key);
		x->did = true;
		r = certificate_make(&c, err);
	}
	return r < 0 ? r : certificate_read(c.certificate, x->fingerprint, &expires_s, err);
}

/* The port of "[::]:8443". */
static void make_url(const struct cli_args *args, struct init *x)
{
	const char *name = first_name(args, x), *port = strrchr(x->s.listen, ':');
	bool six = strchr(name, ':') != NULL;

	(void)snprintf(x->url, sizeof(x->url), "%s://%s%s%s%s", x->s.plain ? "http" : "https",
		       six ? "[" : "", name, six ? "]" : "", port ? port : "");
}

static int make_api_token(struct db *db, struct init *x, struct oak_error *err)
{
	const struct api_token_new t = { .name = FIRST_NAME, .scopes = SCOPES_ALL };
	_cleanup_(json_decrefp) json_t *made = NULL;
	int r = api_token_create(db, &t, server_cli_now_s(), x->api_token, &made, err);

	return r < 0 ? r
		     : server_cli_audit(db, "token.create", json_get_str(made, "id"), made, err);
}

static int make_enrol_token(struct db *db, struct init *x, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *made = NULL, *tags = json_array();
	const struct enrol_token_new t = { .name = FIRST_NAME,
					   .ring = "default",
					   .tags = tags,
					   .own_tags = true,
					   .uses = ENROL_USES,
					   .expires_s = server_cli_now_s() + ENROL_GOOD_S };
	int r = enrol_token_create(db, &t, server_cli_now_s(), x->enrol_token, &made, err);

	return r < 0 ? r
		     : server_cli_audit(db, "enrol-token.create", json_get_str(made, "id"), made,
					err);
}

/* Only where nobody has one: who is in already needs none. */
static int make_tokens(struct db *db, struct init *x, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *all = NULL;
	int r = db_begin(db, err);

	if (r == 0)
		r = api_token_list(db, &all, err);
	if (r == 0 && json_array_size(all) == 0) {
		x->did = true;
		r = make_api_token(db, x, err);
		if (r == 0)
			r = make_enrol_token(db, x, err);
	}
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

/* An older schema is that of an older version, where somebody has a token; else of an init that was killed. */
static int check_older(struct db *db, int version, struct oak_error *err)
{
	bool any;
	int r;

	if (version == 0 || version >= migrate_newest())
		return 0;
	r = api_token_any(db, &any, err);
	if (r == 0 && any)
		r = oak_fail(err, OAK_E_REFUSED,
			     "the database has the schema of an older version: run 'oakum-server "
			     "migrate'");
	return r;
}

static int make_database(struct init *x, struct oak_error *err)
{
	_cleanup_(db_closep) struct db *db = NULL;
	int version = 0, r = db_open(x->s.database, &db, err);

	if (r == 0)
		r = migrate_version(db, &version, err);
	if (r == 0)
		r = make_key(x, version, err);
	if (r == 0)
		r = check_older(db, version, err);
	if (r == 0)
		r = migrate_to(db, migrate_newest(), err);
	x->did = x->did || version < migrate_newest();
	return r < 0 ? r : make_tokens(db, x, err);
}

static int command_text(const struct init *x, struct buf *ret)
{
	int r = buf_printf(ret, "oakum register --server %s --token %s", x->url, x->enrol_token);

	if (r == 0 && x->fingerprint[0])
		r = buf_printf(ret, " --fingerprint %s", x->fingerprint);
	return r;
}

static int print(const struct cli *cli, const struct init *x, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf command = { 0 };
	bool token = x->api_token[0];

	if (token && command_text(x, &command) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "data",
						x->s.data, "url", x->url, "fingerprint",
						x->fingerprint[0] ? x->fingerprint : NULL,
						"api_token", token ? x->api_token : NULL,
						"enrol_token", token ? x->enrol_token : NULL,
						"command", token ? buf_str(&command) : NULL),
				      err);
	printf("data         %s\nserver       %s\n", x->s.data, x->url);
	if (x->fingerprint[0])
		printf("fingerprint  %s\n", x->fingerprint);
	if (token)
		printf("\nThe first token for the API. It may do everything, and is shown this once:\n\n"
		       "  %s\n\nOn each of at most %d hosts, within 7 days:\n\n  %s\n\n"
		       "Start the server: oakum-server run, or systemctl enable --now oakum-server\n",
		       x->api_token, ENROL_USES, buf_str(&command));
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	struct init x = { .did = false };
	int r;

	if (gethostname(x.host, sizeof(x.host)) < 0)
		return oak_fail_errno(err, errno, "gethostname");
	x.host[sizeof(x.host) - 1] = '\0';
	r = read_settings(args, &x, err);
	if (r == 0)
		r = make_data(&x, err);
	if (r == 0)
		r = server_cli_become_owner(&x.s, err);
	if (r == 0)
		r = make_database(&x, err);
	if (r == 0)
		r = make_certificate(args, &x, err);
	if (r == 0) {
		make_url(args, &x);
		r = x.did ? print(cli, &x, err)
			  : oak_fail(err, OAK_E_NOTHING, "%s is initialised already", x.s.data);
	}
	server_settings_free(&x.s);
	explicit_bzero(&x, sizeof(x));
	return r;
}

const struct verb verb_server_init = {
	.name = "init",
	.help = "make all that a server needs: key, database, certificate, first tokens",
	.more = "'oakum-server init && oakum-server run' is the whole installation. What is there\n"
		"stays as it is; an init that was interrupted is run again. Options that are settings\n"
		"are written to the settings file. Where the data directory belongs to another user,\n"
		"root makes everything as that user.\n\n"
		"A second server on the same PostgreSQL: copy " SERVER_KEY_FILE
		" of the first into its\ndata directory, then init.",
	.options = options,
	.run = run,
};
