/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-server: a fleet's server in a thread of the test, as small as can be, that can also misbehave. It
 * keeps what it was sent. Plain HTTP on 127.0.0.1, a request a connection.
 */
#ifndef OAK_FLEET_SERVER_H
#define OAK_FLEET_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "trust/key.h"

#define FLEET_SERVER_KEPT 32

enum fleet_server_mood {
	FLEET_SERVER_GOOD,
	FLEET_SERVER_LOSES,    /* takes the report, and closes without an answer */
	FLEET_SERVER_BUSY,     /* 503, Retry-After: 77 */
	FLEET_SERVER_CONFLICT, /* 409, expected: .expected */
	FLEET_SERVER_REVOKED,  /* 403 host-revoked */
	FLEET_SERVER_FOREIGN,  /* signs its answer with another key */
	FLEET_SERVER_OTHER,    /* answers another report */
	FLEET_SERVER_GARBAGE,  /* bytes that are no JSON, with a good signature */
	FLEET_SERVER_LARGE,    /* more bytes than anybody wants */
};

struct fleet_server {
	struct tuf_key *key, *other;
	char url[64];

	/* Set between requests; the thread reads them. */
	_Atomic enum fleet_server_mood mood;
	atomic_uint mood_times; /* so often, then good again; 0: for ever */
	_Atomic uint64_t expected;
	_Atomic uint32_t grant, for_s;  /* level that is granted where it is asked for; 0: none */
	_Atomic(const char *) refusal;  /* why not */
	_Atomic(const char *) ring;     /* of every answer */
	_Atomic(const char *) decision; /* the file; NULL: 404 */
	_Atomic(const char *) etag;
	_Atomic(const char *) problem; /* code with which enrolments are refused; NULL: accepted */

	/* What came. */
	char *reports[FLEET_SERVER_KEPT];
	char seals[FLEET_SERVER_KEPT][200];
	atomic_uint n_reports, n_decisions, n_same, n_enrolments;
	char *enrolment;

	int fd;
	pthread_t thread;
	atomic_bool stop;
};

void fleet_server_start(struct fleet_server *s);
void fleet_server_stop(struct fleet_server *s); /* its port refuses connections from then on */
void fleet_server_free(struct fleet_server *s);

#endif
