/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "base/file.h"
#include "fleet/db/migrate.h"
#include "fleet/ops/log.h"
#include "fleet/server.h"
#include "fleet/web/assets.h"
#include "server/server-cli.h"
#include "server/verbs-server.h"

#define TICK_S 10 /* where systemd watches nothing */

static const struct cli_option options[] = {
	[SERVER_OPT_SETTINGS] = SERVER_OPTION_SETTINGS,
	{ .name = NULL },
};

/*
 * A file of SQLite has one server, and that is this one: nobody is hurt by a newer schema, and a package's
 * upgrade needs no step of a person. Of PostgreSQL another server of the older version may be at work.
 */
static int bring_schema(const struct server_settings *s, const struct server_log *log,
			struct oak_error *err)
{
	_cleanup_(db_closep) struct db *db = NULL;
	int version = 0, r;

	if (strncmp(s->database, "sqlite:", 7) == 0 && file_exists(AT_FDCWD, s->database + 7)) {
		r = db_open(s->database, &db, err);
		if (r == 0)
			r = migrate_version(db, &version, err);
		if (r == 0 && version > 0 && version < migrate_newest()) {
			server_log(log, LOG_LEVEL_NOTICE, "server.migrate",
				   log_number("from", version), log_number("to", migrate_newest()));
			r = migrate_to(db, migrate_newest(), err);
		}
		if (r < 0)
			return r;
		db_close(take_ptr(db));
	}
	return server_cli_open(s, &db, err);
}

/* All threads that are made later have them blocked as well; the main one waits for them. */
static int block_signals(sigset_t *ret, struct oak_error *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigemptyset(ret);
	(void)sigaddset(ret, SIGTERM);
	(void)sigaddset(ret, SIGINT);
	(void)sigaddset(ret, SIGHUP);
	if (sigaction(SIGPIPE, &ignore, NULL) < 0 || pthread_sigmask(SIG_BLOCK, ret, NULL) != 0)
		return oak_fail(err, OAK_E_FAILED, "cannot block signals");
	return 0;
}

/* What the file says now is checked and told; it holds from the next start on. */
static void on_hangup(const struct cli_args *args, const struct server_log *log)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (server_cli_settings(args, &s, &err) < 0)
		server_log(log, LOG_LEVEL_ERROR, "server.settings", log_text("error", err.msg));
	else
		server_log(log, LOG_LEVEL_NOTICE, "server.settings",
			   log_text("note", "they are good; they hold from the next start on"));
}

static void wait_for_end(const struct cli_args *args, const struct server_log *log,
			 const sigset_t *signals)
{
	uint64_t watchdog_us = 0;
	struct timespec tick = { .tv_sec = TICK_S };

	if (sd_watchdog_enabled(0, &watchdog_us) > 0 &&
	    watchdog_us / 2 < TICK_S * UINT64_C(1000000)) {
		tick.tv_sec = (time_t)(watchdog_us / 2 / 1000000u);
		tick.tv_nsec = (long)(watchdog_us / 2 % 1000000u) * 1000;
	}
	for (;;) {
		int signal = sigtimedwait(signals, NULL, &tick);

		if (signal == SIGTERM || signal == SIGINT)
			return;
		if (signal == SIGHUP)
			on_hangup(args, log);
		(void)sd_notify(0, "WATCHDOG=1");
	}
}

static int run(_unused_ const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(closep) int claim = -1; /* while the schema changes; the server takes its own */
	struct server *server = NULL;
	struct server_log log;
	sigset_t signals;
	int r = server_cli_settings(args, &s, err);

	if (r == 0)
		r = server_cli_become_owner(&s, err);
	if (r < 0)
		return r;
	server_log_init(&log, s.log);
	r = db_claim(s.database, &claim, err);
	if (r == 0)
		r = bring_schema(&s, &log, err);
	closep(&claim);
	claim = -1;
	if (r == 0)
		r = block_signals(&signals, err);
	if (r == 0)
		r = server_start(&s, &server, err);
	if (r < 0)
		return r;
	server_log(&log, LOG_LEVEL_NOTICE, "server.started", log_text("listen", s.listen),
		   log_number("port", server_port(server)), log_text("tls", s.plain ? "off" : "on"),
		   log_text("version", OAK_VERSION),
		   log_text("script", web_script[0] ? "on" : "none: built without Node.js"));
	(void)sd_notifyf(0, "READY=1\nSTATUS=port %u", (unsigned)server_port(server));
	wait_for_end(args, &log, &signals);
	(void)sd_notify(0, "STOPPING=1");
	server_log(&log, LOG_LEVEL_NOTICE, "server.stopping");
	server_stop(server);
	return 0;
}

const struct verb verb_server_run = {
	.name = "run",
	.help = "serve, in the foreground",
	.more = "SIGTERM ends it once what was begun is answered. SIGHUP checks the settings file.\n"
		"An SQLite database of an older version is brought to this one's schema first; for\n"
		"PostgreSQL, which other servers may use, that is 'oakum-server migrate'.",
	.options = options,
	.run = run,
};
