/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim-server: a simulated repository over HTTP on 127.0.0.1, by a thread of the test, and what a
 * hostile server does beside lying: never ending, never getting on.
 *
 * The test changes the repository only between requests of the client, which waits for each.
 */
#ifndef OAK_SIM_SERVER_H
#define OAK_SIM_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "tuf-sim.h"

struct sim_server {
	struct sim *sim;
	const char *endless; /* of this path the body never ends; NULL: none */
	const char *slow;    /* of this path a byte comes each second */
	int fd;
	pthread_t thread;
	atomic_bool stop;
	char url[64]; /* "http://127.0.0.1:<port>" */
};

/* From now on the host of @sim asks by HTTP. */
void sim_server_start(struct sim_server *s, struct sim *sim);
void sim_server_stop(struct sim_server *s);

#endif
