/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/file.h"
#include "fleet/api/event-hub.h"
#include "fleet/db/migrate.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/http/file-cache.h"
#include "fleet/http/listener.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"
#include "fleet/people/oidc.h"
#include "fleet/store/sessions.h"
#include "fleet/store/tidy.h"
#include "fleet/tellers.h"
#include "trust/key-file.h"

#define WORKERS_MAX  64
#define TURN_MS      1000
#define FILES_BESIDE 256 /* descriptors that are no connections */
#define TOLD_TURNS   60  /* the same error is told once in so many */

struct server {
	struct fleet fleet;
	struct server_log log;
	struct tuf_key *key;
	struct db *dbs[WORKERS_MAX];
	size_t workers;
	struct db *batch_db, *director_db;
	struct listener *listener;
	pthread_t director;
	char told[OAK_ERROR_MSG_MAX]; /* of the director's turns; */
	unsigned turns;               /* its thread's alone */
	struct tellers *tellers;
	bool directs;
	int claim; /* db_claim() */
	atomic_bool stop;
};

/*
 * A clock that is set back by a little (NTP, leap seconds) stands still until then; one that was wrong by more is
 * followed: better a step than hours without a second.
 */
static int64_t now_s(void)
{
	/* State, but of the clock alone: who asks has nothing to keep it in. */
	static _Atomic int64_t last;
	int64_t before = atomic_load(&last);
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec < before && before - ts.tv_sec < 300)
		return before;
	atomic_store(&last, (int64_t)ts.tv_sec);
	return ts.tv_sec;
}

static int turn(struct server *s, struct oak_error *err)
{
	int r = director_turn(&s->fleet, s->director_db, err);

	return r ? r : store_tidy(s->director_db, now_s(), s->fleet.settings->history_days, err);
}

/* What goes wrong is told once a minute: it is tried again each second. */
static void take_turn(struct server *s)
{
	struct oak_error err = { 0 };

	if (turn(s, &err) == 0) {
		s->told[0] = '\0';
		return;
	}
	if (strcmp(s->told, err.msg) == 0 && ++s->turns % TOLD_TURNS)
		return;
	memcpy(s->told, err.msg, sizeof(s->told));
	server_log(s->fleet.log, LOG_LEVEL_ERROR, "director.failed", log_text("error", err.msg));
}

static void *run_director(void *arg)
{
	struct server *s = arg;

	while (!atomic_load(&s->stop)) {
		shelf_wait(s->fleet.shelf, TURN_MS);
		take_turn(s);
	}
	return NULL;
}

static void stop_director(struct server *s)
{
	atomic_store(&s->stop, true);
	if (s->fleet.shelf)
		shelf_wake(s->fleet.shelf);
	if (s->directs)
		(void)pthread_join(s->director, NULL);
	db_close(s->director_db);
}

void server_stop(struct server *s)
{
	if (!s)
		return;
	/* First what answers; then what it answers from. A teller may send to streams: those end after it. */
	tellers_stop(s->tellers);
	listener_stop(s->listener);
	stop_director(s);
	for (size_t i = 0; i < s->workers; i++)
		db_close(s->dbs[i]);
	db_close(s->batch_db);
	if (s->fleet.shelf)
		shelf_free(s->fleet.shelf);
	event_hub_free(s->fleet.events);
	oidc_free(s->fleet.oidc);
	file_cache_free(s->fleet.files);
	metrics_free(s->fleet.metrics);
	tuf_key_free(s->key);
	closep(&s->claim);
	free(s);
}
DEFINE_CLEANUP(struct server *, server_stop)

static int read_key(struct server *s, const char *data, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(data, SERVER_KEY_FILE);

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return key_file_read(AT_FDCWD, path, NULL, &s->key, err);
}

static int open_databases(struct server *s, const struct server_settings *set, struct oak_error *err)
{
	size_t want = set->workers ? set->workers : 4;
	int r = 0;

	if (want > WORKERS_MAX)
		want = WORKERS_MAX;
	while (s->workers < want && r == 0) {
		r = db_open(set->database, &s->dbs[s->workers], err);
		if (r == 0)
			s->workers++;
	}
	if (r == 0)
		r = db_open(set->database, &s->batch_db, err);
	if (r == 0)
		r = db_open(set->database, &s->director_db, err);
	return r;
}

/* A connection is a descriptor; the soft limit is for programs that use select(2). */
static void raise_files(struct server *s)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max < s->fleet.settings->connections + FILES_BESIDE)
		server_log(s->fleet.log, LOG_LEVEL_WARNING, "files.few",
			   log_number("limit", files.rlim_max),
			   log_number("connections", s->fleet.settings->connections));
}

static int make_fleet(struct server *s, const struct server_settings *set, struct oak_error *err)
{
	server_log_init(&s->log, set->log);
	s->fleet = (struct fleet){
		.settings = set,
		.key = s->key,
		.shelf = shelf_new(),
		.files = file_cache_new(),
		.metrics = metrics_new(),
		.events = event_hub_new(),
		.log = &s->log,
		.now_s = now_s,
	};
	if (!s->fleet.shelf || !s->fleet.files || !s->fleet.metrics || !s->fleet.events)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	raise_files(s);
	return oidc_new(set, &s->fleet.oidc, err);
}

static int start_listener(struct server *s, struct oak_error *err)
{
	static const struct route *const tables[] = { routes_host, routes_static,  routes_ops,
						      routes_api,  routes_sign_in, routes_web,
						      NULL };
	const struct listener_options opt = {
		.fleet = &s->fleet,
		.tables = tables,
		.dbs = s->dbs,
		.workers = s->workers,
		.batch_db = s->batch_db,
		.open_scopes = s->fleet.settings->metrics_open ? SCOPE_METRICS : 0,
		.check_token = api_token_check,
		.check_session = session_check,
	};

	return listener_start(&opt, &s->listener, err);
}

/*
 * The first turn is made here: hosts find decisions from the first moment on. One that fails ends nothing: what
 * the database has is served, and /readyz tells.
 */
static int start_director(struct server *s, struct oak_error *err)
{
	int r;

	take_turn(s);
	r = pthread_create(&s->director, NULL, run_director, s);
	if (r)
		return oak_fail_errno(err, r, "starting a thread");
	s->directs = true;
	return 0;
}

static int check_schema(struct db *db, struct oak_error *err)
{
	int version = 0;
	int r = migrate_version(db, &version, err);

	if (r < 0)
		return r;
	if (version != migrate_newest())
		return oak_fail(err, OAK_E_REFUSED,
				"the database has schema %d, this program wants %d; run: oakum-server "
				"migrate",
				version, migrate_newest());
	return 0;
}

int server_start(const struct server_settings *set, struct server **ret, struct oak_error *err)
{
	_cleanup_(server_stopp) struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->claim = -1;
	r = read_key(s, set->data, err);
	if (r == 0)
		r = db_claim(set->database, &s->claim, err);
	if (r == 0)
		r = make_fleet(s, set, err);
	if (r == 0)
		r = open_databases(s, set, err);
	if (r == 0)
		r = check_schema(s->batch_db, err);
	if (r == 0)
		r = start_director(s, err);
	if (r == 0)
		r = tellers_start(&s->fleet, &s->tellers, err);
	if (r == 0)
		r = start_listener(s, err);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

uint16_t server_port(const struct server *s)
{
	return listener_port(s->listener);
}
