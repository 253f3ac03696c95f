/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listener: the socket, libmicrohttpd's threads, and a request's way through them. Which routes there are is
 * the caller's: fleet/server.c, or a test.
 *
 * Measured with libmicrohttpd 0.9.75: an answer that is queued in the first call of its handler closes the
 * connection, which costs three quarters of all requests a second. So a request is answered in the
 * second call, but where the rest of the connection cannot be trusted or is not worth reading.
 */
#ifndef OAK_FLEET_HTTP_LISTENER_H
#define OAK_FLEET_HTTP_LISTENER_H

#include "fleet/fleet.h"
#include "fleet/http/route.h"
#include "fleet/store/sessions.h"
#include "fleet/store/tokens.h"

struct listener;

/* Each with a default, which is taken for 0. */
struct listener_limits {
	uint32_t connections, per_address;
	uint32_t first_s;  /* from the connection to the headers of its first request: 15 */
	uint32_t idle_s;   /* from an answer to the headers of the next request: 60 */
	uint32_t body_s;   /* from the headers to the end of the body: 30 */
	uint32_t answer_s; /* for a reader that takes nothing: 30 */
	uint32_t work_max, batch_max; /* requests that wait: 1024, 4096 */
	uint32_t streams;             /* 256 */
	uint32_t stop_s;              /* what was begun has so long to end: 10 */
	/* On the long run; some seconds' worth of them at once. See fleet/http/limits.c. */
	uint32_t network_per_s;  /* 2000 */
	uint32_t host_per_s;     /* 10 */
	uint32_t token_per_s;    /* 200 */
	uint32_t failures_per_s; /* 1 */
	uint32_t count_loopback; /* 0: 127.0.0.1 is free of the limits by network */
};

struct listener_options {
	struct fleet *fleet; /* settings: listen, certificate, key, plain, proxies, threads */
	const struct route *const *tables; /* ends with NULL */
	struct db *const *dbs;             /* one a worker; borrowed */
	size_t workers;
	struct db *batch_db;
	uint32_t open_scopes; /* enum http_scope bits that need no token here */
	/* api_token_check(), or a test's */
	int (*check_token)(struct db *db, const char *secret, int64_t now_s, struct api_token *ret,
			   struct oak_error *err);
	/* session_check(), or a test's; NULL: nobody is ever signed in */
	int (*check_session)(struct db *db, const char *secret, int64_t now_s, struct session *ret,
			     struct oak_error *err);
	struct listener_limits limits;
};

/* Errors: OAK_E_USAGE (the settings), OAK_E_IO, OAK_E_NOMEM. */
int listener_start(const struct listener_options *opt, struct listener **ret, struct oak_error *err)
	_must_check_;
uint16_t listener_port(const struct listener *l);
/* No new connections; what was begun is answered. NULL is fine. */
void listener_stop(struct listener *l);
DEFINE_CLEANUP(struct listener *, listener_stop)

#endif
