/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/tellers.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "fleet/api/event-hub.h"
#include "fleet/hooks/hooks.h"
#include "fleet/ops/log.h"
#include "fleet/server-settings.h"

#define TURN_S 1

struct teller {
	struct tellers *all;
	struct db *db;
	pthread_t thread;
	bool runs;
	int (*turn)(struct fleet *fleet, struct db *db, struct oak_error *err);
	const char *name;
};

struct tellers {
	struct fleet *fleet;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop; /* under the lock */
	struct teller streams, hooks;
};

static int turn_streams(struct fleet *fleet, struct db *db, struct oak_error *err)
{
	return event_hub_turn(fleet->events, db, fleet->now_s(), err);
}

static bool wait_turn(struct tellers *t)
{
	struct timespec until;
	bool stop;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TURN_S;
	(void)pthread_mutex_lock(&t->lock);
	while (!t->stop && pthread_cond_timedwait(&t->wake, &t->lock, &until) == 0)
		continue;
	stop = t->stop;
	(void)pthread_mutex_unlock(&t->lock);
	return !stop;
}

static void *run(void *arg)
{
	struct teller *self = arg;

	do {
		struct oak_error err = { .code = OAK_OK };

		if (self->turn(self->all->fleet, self->db, &err) < 0)
			server_log(self->all->fleet->log, LOG_LEVEL_ERROR, self->name,
				   log_text("error", err.msg));
	} while (wait_turn(self->all));
	return NULL;
}

static int start(struct tellers *t, struct teller *self, struct oak_error *err)
{
	int r = db_open(t->fleet->settings->database, &self->db, err);

	if (r < 0)
		return r;
	self->all = t;
	r = pthread_create(&self->thread, NULL, run, self);
	if (r)
		return oak_fail_errno(err, r, "starting a thread");
	self->runs = true;
	return 0;
}

static void finish(struct teller *self)
{
	if (self->runs)
		(void)pthread_join(self->thread, NULL);
	db_close(self->db);
}

void tellers_stop(struct tellers *t)
{
	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->stop = true;
	(void)pthread_cond_broadcast(&t->wake);
	(void)pthread_mutex_unlock(&t->lock);
	finish(&t->streams);
	finish(&t->hooks);
	(void)pthread_cond_destroy(&t->wake);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Times by a clock that nobody sets. */
static int init_wait(struct tellers *t)
{
	pthread_condattr_t attr;
	int r = pthread_condattr_init(&attr);

	if (r)
		return -1;
	if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(&t->wake, &attr))
		r = -1;
	(void)pthread_condattr_destroy(&attr);
	if (r == 0 && pthread_mutex_init(&t->lock, NULL)) {
		(void)pthread_cond_destroy(&t->wake);
		r = -1;
	}
	return r;
}

int tellers_start(struct fleet *fleet, struct tellers **ret, struct oak_error *err)
{
	struct tellers *t = calloc(1, sizeof(*t));
	int r;

	if (!t || init_wait(t) < 0) {
		free(t);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	t->fleet = fleet;
	t->streams = (struct teller){ .turn = turn_streams, .name = "streams" };
	t->hooks = (struct teller){ .turn = hooks_turn, .name = "webhooks" };
	r = start(t, &t->streams, err);
	if (r == 0)
		r = start(t, &t->hooks, err);
	if (r < 0) {
		tellers_stop(t);
		return r;
	}
	*ret = t;
	return 0;
}
