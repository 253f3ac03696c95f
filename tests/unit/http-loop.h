/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http-loop: a listener on 127.0.0.1 with routes of each kind, whose only token is "oakum-api-good". */
#ifndef OAK_HTTP_LOOP_H
#define OAK_HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "fleet/http/listener.h"
#include "fleet/server-settings.h"

/* Of each session there: the cookies "full" (an admin's), "half", "stale" (proved long ago) and "viewer". */
#define LOOP_CSRF "0123456789012345678901234567890123456789abc"

struct loop_kept {
	pthread_mutex_t lock;
	struct stream *stream; /* of the last who listened */
	atomic_uint begun;     /* requests for /slow that a worker has */
};

struct loop {
	struct server_settings settings;
	struct fleet fleet;
	struct listener *l;
	uint16_t port;
	struct loop_kept kept;
};

void loop_start(struct loop *s, const struct listener_limits *limits); /* NULL: the defaults */
void loop_start_with(struct loop *s, const struct listener_limits *limits,
		     const struct server_settings *settings);
void loop_stop(struct loop *s);

/* Until workers have begun @n requests for /slow; or ten seconds. */
void loop_wait_begun(struct loop *s, unsigned n);

/* Return: the status; see raw_answer(). */
int loop_ask(int fd, const char *request, char *ret, size_t size);

#endif
