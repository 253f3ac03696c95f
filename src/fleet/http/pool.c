/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/pool.h"

#include <pthread.h>
#include <time.h>

#include "fleet/fleet.h"
#include "fleet/ops/metrics.h"

struct queue_of {
	struct exchange *first, **last;
	size_t n, max;
	enum queue kind; /* for metrics */
	pthread_cond_t more;
};

struct seat {
	struct pool *pool;
	struct worker_seat seat;
	pthread_t thread;
	bool batch;
};

struct pool {
	struct pool_options opt;
	pthread_mutex_t lock;
	struct queue_of work, batch;
	bool stop;
	size_t n_seats;
	struct seat seats[];
};

static void queue_init(struct queue_of *q, size_t max, enum queue kind)
{
	pthread_condattr_t attr;

	*q = (struct queue_of){ .max = max, .kind = kind };
	q->last = &q->first;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&q->more, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static bool queue_add(struct pool *p, struct queue_of *q, struct exchange *x)
{
	bool fits;

	(void)pthread_mutex_lock(&p->lock);
	fits = !p->stop && q->n < q->max;
	if (fits) {
		x->next = NULL;
		*q->last = x;
		q->last = &x->next;
		metrics_queue(p->opt.fleet->metrics, q->kind, ++q->n);
		(void)pthread_cond_signal(&q->more);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return fits;
}

bool pool_add_work(struct pool *p, struct exchange *x)
{
	return queue_add(p, &p->work, x);
}

bool pool_add_batch(struct pool *p, struct exchange *x)
{
	return queue_add(p, &p->batch, x);
}

static struct exchange *take_first(struct pool *p, struct queue_of *q)
{
	struct exchange *x = q->first;

	if (!x)
		return NULL;
	q->first = x->next;
	if (!q->first)
		q->last = &q->first;
	metrics_queue(p->opt.fleet->metrics, q->kind, --q->n);
	return x;
}

/* The next one, with the lock held; waits for it. NULL: the end. */
static struct exchange *wait_first(struct pool *p, struct queue_of *q)
{
	while (!q->first && !p->stop)
		(void)pthread_cond_wait(&q->more, &p->lock);
	return take_first(p, q);
}

/* One commit for many: a few milliseconds more for the first of them are well spent. */
static void gather(struct pool *p, struct queue_of *q)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)p->opt.gather_ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (q->n < POOL_BATCH_MAX && !p->stop)
		if (pthread_cond_timedwait(&q->more, &p->lock, &until) != 0)
			return;
}

static void run_worker(struct seat *s)
{
	struct pool *p = s->pool;
	struct exchange *x;

	(void)pthread_mutex_lock(&p->lock);
	for (x = wait_first(p, &p->work); x; x = wait_first(p, &p->work)) {
		(void)pthread_mutex_unlock(&p->lock);
		p->opt.work(&s->seat, x);
		(void)pthread_mutex_lock(&p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

static void run_batch(struct seat *s)
{
	struct pool *p = s->pool;
	struct exchange *x[POOL_BATCH_MAX];

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		size_t n = 0;

		x[n] = wait_first(p, &p->batch);
		if (!x[n++])
			break;
		gather(p, &p->batch);
		while (n < POOL_BATCH_MAX && p->batch.first && p->batch.first->route == x[0]->route)
			x[n++] = take_first(p, &p->batch);
		(void)pthread_mutex_unlock(&p->lock);
		p->opt.batch(&s->seat, x, n);
		(void)pthread_mutex_lock(&p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

static void *run_seat(void *arg)
{
	struct seat *s = arg;

	if (s->batch)
		run_batch(s);
	else
		run_worker(s);
	return NULL;
}

void pool_stop(struct pool *p)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->work.more);
	(void)pthread_cond_broadcast(&p->batch.more);
	(void)pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_seats; i++)
		(void)pthread_join(p->seats[i].thread, NULL);
	(void)pthread_cond_destroy(&p->work.more);
	(void)pthread_cond_destroy(&p->batch.more);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static int start_seat(struct pool *p, struct db *db, bool batch, struct oak_error *err)
{
	struct seat *s = &p->seats[p->n_seats];
	int r;

	*s = (struct seat){ .pool = p, .seat = { p->opt.fleet, db }, .batch = batch };
	r = pthread_create(&s->thread, NULL, run_seat, s);
	if (r)
		return oak_fail_errno(err, r, "starting a worker");
	p->n_seats++;
	return 0;
}

DEFINE_CLEANUP(struct pool *, pool_stop)

int pool_start(const struct pool_options *opt, struct pool **ret, struct oak_error *err)
{
	_cleanup_(pool_stopp) struct pool *p =
		calloc(1, sizeof(*p) + (opt->workers + 1) * sizeof(p->seats[0]));
	int r = 0;

	if (!p)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	p->opt = *opt;
	(void)pthread_mutex_init(&p->lock, NULL);
	queue_init(&p->work, opt->work_max, QUEUE_WORK);
	queue_init(&p->batch, opt->batch_max, QUEUE_BATCH);
	for (size_t i = 0; i < opt->workers && r == 0; i++)
		r = start_seat(p, opt->dbs[i], false, err);
	if (r == 0)
		r = start_seat(p, opt->batch_db, true, err);
	if (r < 0)
		return r;
	*ret = take_ptr(p);
	return 0;
}
