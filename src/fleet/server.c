/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "fleet/db/migrate.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/hooks/hooks.h"
#include "fleet/http/listener.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"
#include "trust/key-file.h"

#define WORKERS_MAX 64
#define TURN_MS     1000
#define TOLD_TURNS  60 /* the same error is told once in so many */

struct server;

/* A thread of its own, with its own connection: a turn each second, the first when the server starts. */
struct beat {
	const char *name; /* in the log */
	int (*turn)(struct fleet *fleet, struct db *db, struct oak_error *err);
	bool woken; /* by shelf_wake(), too */
	struct server *server;
	struct db *db;
	pthread_t thread;
	bool runs;
};

struct server {
	struct fleet fleet;
	struct server_log log;
	struct tuf_key *key;
	struct db *dbs[WORKERS_MAX];
	size_t workers;
	struct db *batch_db;
	struct beat beats[2];
	struct listener *listener;
	pthread_mutex_t lock;
	pthread_cond_t ends;
	bool stop; /* under the lock */
};

/*
 * A clock that is set back by a little (NTP, leap seconds) stands still until then; one that was wrong by more is
 * followed: better a step than hours without a second.
 */
static int64_t now_s(void)
{
	static _Atomic int64_t
		last; /* state, but of the clock alone: who asks has nothing to keep it in */
	int64_t before = atomic_load(&last);
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec < before && before - ts.tv_sec < 300)
		return before;
	atomic_store(&last, (int64_t)ts.tv_sec);
	return ts.tv_sec;
}

/* Return: true: the server ends. */
static bool wait_turn(struct beat *b)
{
	struct server *s = b->server;
	struct timespec until;
	bool stop;

	if (b->woken)
		shelf_wait(s->fleet.shelf, TURN_MS);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TURN_MS / 1000;
	(void)pthread_mutex_lock(&s->lock);
	if (!s->stop && !b->woken)
		(void)pthread_cond_timedwait(&s->ends, &s->lock, &until);
	stop = s->stop;
	(void)pthread_mutex_unlock(&s->lock);
	return stop;
}

static void *run_beat(void *arg)
{
	struct beat *b = arg;
	char told[sizeof(((struct oak_error *)0)->msg)] = "";
	unsigned turns = 0;

	while (!wait_turn(b)) {
		struct oak_error err = { 0 };

		if (b->turn(&b->server->fleet, b->db, &err) == 0) {
			told[0] = '\0';
			continue;
		}
		if (strcmp(told, err.msg) == 0 && ++turns % TOLD_TURNS)
			continue;
		memcpy(told, err.msg, sizeof(told));
		server_log(b->server->fleet.log, LOG_LEVEL_ERROR, b->name,
			   log_text("error", err.msg));
	}
	return NULL;
}

static void stop_beats(struct server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_broadcast(&s->ends);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->fleet.shelf)
		shelf_wake(s->fleet.shelf);
	for (size_t i = 0; i < sizeof(s->beats) / sizeof(s->beats[0]); i++) {
		if (s->beats[i].runs)
			(void)pthread_join(s->beats[i].thread, NULL);
		db_close(s->beats[i].db);
	}
}

void server_stop(struct server *s)
{
	if (!s)
		return;
	/* First what answers; then what it answers from. */
	listener_stop(s->listener);
	stop_beats(s);
	for (size_t i = 0; i < s->workers; i++)
		db_close(s->dbs[i]);
	db_close(s->batch_db);
	if (s->fleet.shelf)
		shelf_free(s->fleet.shelf);
	metrics_free(s->fleet.metrics);
	tuf_key_free(s->key);
	(void)pthread_cond_destroy(&s->ends);
	(void)pthread_mutex_destroy(&s->lock);
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
	for (size_t i = 0; i < sizeof(s->beats) / sizeof(s->beats[0]) && r == 0; i++)
		r = db_open(set->database, &s->beats[i].db, err);
	return r;
}

static int make_fleet(struct server *s, const struct server_settings *set, struct oak_error *err)
{
	server_log_init(&s->log, set->log);
	s->fleet = (struct fleet){
		.settings = set,
		.key = s->key,
		.shelf = shelf_new(),
		.metrics = metrics_new(),
		.log = &s->log,
		.now_s = now_s,
	};
	if (!s->fleet.shelf || !s->fleet.metrics)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int start_listener(struct server *s, struct oak_error *err)
{
	static const struct route *const tables[] = { routes_host, routes_static, routes_ops,
						      routes_api, NULL };
	const struct listener_options opt = {
		.fleet = &s->fleet,
		.tables = tables,
		.dbs = s->dbs,
		.workers = s->workers,
		.batch_db = s->batch_db,
		.open_scopes = s->fleet.settings->metrics_open ? SCOPE_METRICS : 0,
		.check_token = api_token_check,
	};

	return listener_start(&opt, &s->listener, err);
}

static int start_beats(struct server *s, struct oak_error *err)
{
	for (size_t i = 0; i < sizeof(s->beats) / sizeof(s->beats[0]); i++) {
		struct beat *b = &s->beats[i];
		int r;

		b->server = s;
		/* The first turn is made here: hosts find decisions from the first moment on. */
		r = b->woken ? b->turn(&s->fleet, b->db, err) : 0;
		if (r < 0)
			return r;
		r = pthread_create(&b->thread, NULL, run_beat, b);
		if (r)
			return oak_fail_errno(err, r, "starting a thread");
		b->runs = true;
	}
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

static void init(struct server *s)
{
	pthread_condattr_t attr;

	s->beats[0] = (struct beat){ .name = "director", .turn = director_turn, .woken = true };
	s->beats[1] = (struct beat){ .name = "webhooks", .turn = hooks_turn };
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->ends, &attr);
	(void)pthread_condattr_destroy(&attr);
}

int server_start(const struct server_settings *set, struct server **ret, struct oak_error *err)
{
	_cleanup_(server_stopp) struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	init(s);
	r = read_key(s, set->data, err);
	if (r == 0)
		r = make_fleet(s, set, err);
	if (r == 0)
		r = open_databases(s, set, err);
	if (r == 0)
		r = check_schema(s->batch_db, err);
	if (r == 0)
		r = start_beats(s, err);
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
