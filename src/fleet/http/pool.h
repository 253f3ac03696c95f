/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: threads that answer what needs the database: some workers, one exchange each; and one thread that takes
 * many at once. Both queues are bounded: what does not fit is refused at once, by the caller.
 */
#ifndef OAK_FLEET_HTTP_POOL_H
#define OAK_FLEET_HTTP_POOL_H

#include "fleet/http/exchange.h"

#define POOL_BATCH_MAX 500

struct pool;

struct pool_options {
	struct fleet *fleet;
	struct db *const *dbs; /* one a worker; borrowed; members may be NULL (tests) */
	size_t workers;
	struct db *batch_db;
	size_t work_max, batch_max; /* that wait */
	unsigned gather_ms;         /* a batch waits so long for more */
	/* Answers it, then hands it back. Of a batch all have the same route. */
	void (*work)(struct worker_seat *seat, struct exchange *x);
	void (*batch)(struct worker_seat *seat, struct exchange **x, size_t n);
};

int pool_start(const struct pool_options *opt, struct pool **ret, struct oak_error *err)
	_must_check_;

/* Return: false: the queue is full, or the pool is at its end; the caller still has @x. */
bool pool_add_work(struct pool *p, struct exchange *x);
bool pool_add_batch(struct pool *p, struct exchange *x);

/* What waits is answered, then the threads end. NULL is fine. */
void pool_stop(struct pool *p);

#endif
