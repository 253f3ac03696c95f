/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the listener share. */
#ifndef OAK_FLEET_HTTP_LISTENER_PRIV_H
#define OAK_FLEET_HTTP_LISTENER_PRIV_H

#include <microhttpd.h>
#include <pthread.h>

#include "fleet/http/exchange.h"
#include "fleet/http/link.h"
#include "fleet/http/listener.h"
#include "fleet/http/pool.h"
#include "fleet/http/rates.h"
#include "fleet/http/stream-priv.h"
#include "fleet/http/tls.h"

struct listener {
	struct listener_options opt;
	struct MHD_Daemon *daemon;
	struct pool *pool;
	struct links links;
	struct streams streams;
	struct rates *rates;
	struct tls *tls; /* NULL: plain */
	uint16_t port;
	uint64_t id_prefix; /* random; request ids go on from there */
	atomic_uint_fast64_t id_next;
	atomic_size_t begun; /* requests whose answer is not sent yet */
	atomic_bool stopping;
	pthread_t sweeper;
	bool sweeps;
};

/* exchange.c */

/* A request line has come. NULL: out of memory. */
struct exchange *exchange_new(struct listener *l, struct MHD_Connection *c, const char *target);
void exchange_free(struct exchange *x);
/* The headers are there: finds the route. Afterwards state is EXCHANGE_BODY, or EXCHANGE_ANSWERED: refused. */
void exchange_begin(struct exchange *x, const char *method);
/* Refused, and its body is not to be read: the answer closes the connection. */
bool exchange_is_final(const struct exchange *x);
/* Return: false: too much of a body that is refused already; the connection ends. */
bool exchange_add_body(struct exchange *x, const char *data, size_t len);
/* All of it is there. Return: true: x->res is the answer; false: it was given away, @x is no longer ours. */
bool exchange_run(struct exchange *x);
/* Calls of the pool. */
void exchange_work(struct worker_seat *seat, struct exchange *x);
void exchange_batch(struct worker_seat *seat, struct exchange **x, size_t n);

/* authorize.c: false: it is answered */

bool authorize_begin(struct exchange *x); /* what was brought along; may answer at once */
bool authorize(struct worker_seat *seat, struct exchange *x);

/* limits.c: false: it is answered 429 */

bool limits_before(struct exchange *x); /* what goes to a worker */
bool limits_token(struct exchange *x);  /* its token is good */
void limits_failed(struct exchange *x); /* its token is not */

/* answer.c */

/* Sends x->res. */
enum MHD_Result exchange_send(struct exchange *x);

#endif
