/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "fleet/http/address.h"
#include "fleet/http/listener-priv.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"
#include "fleet/server-settings.h"

/*
 * What libmicrohttpd keeps of a request: its headers, a piece of its body, the headers of the answer. More
 * headers are answered 431.
 */
#define CONNECTION_BYTES (8u << 10)

#define RATE_SLOTS (64u << 10) /* two megabytes and a half */

#define SWEEP_NS          250000000
#define CERTIFICATE_TURNS 8 /* sweeps: two seconds */

static const struct listener_limits defaults = {
	.connections = 20000,
	.per_address = 5000,
	.first_s = 15,
	.idle_s = 60,
	.body_s = 30,
	.answer_s = 30,
	.work_max = 1024,
	.batch_max = 4096,
	.streams = 256,
	.stop_s = 10,
	.network_per_s = 2000,
	.host_per_s = 10,
	.token_per_s = 200,
	.failures_per_s = 1,
};

static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
	return exchange_new(cls, c, target);
}

/* The target is taken as it came and decoded by http_target_parse(). */
static size_t keep_escaped(_unused_ void *cls, _unused_ struct MHD_Connection *c, char *text)
{
	return strlen(text);
}

static enum MHD_Result on_body(struct exchange *x, const char *data, size_t *len)
{
	bool go_on = exchange_add_body(x, data, *len);

	*len = 0;
	return go_on ? MHD_YES : MHD_NO;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_request(_unused_ void *cls, _unused_ struct MHD_Connection *c,
				  _unused_ const char *url, const char *method,
				  _unused_ const char *version, const char *data, size_t *len,
				  void **req_cls)
{
	struct exchange *x = *req_cls;

	if (!x || !x->link)
		return MHD_NO;
	if (x->state == EXCHANGE_NEW) {
		exchange_begin(x, method);
		link_due(x->link, x->listener->opt.limits.body_s);
		/* See the head of listener.h. */
		if (exchange_is_final(x))
			return exchange_send(x);
		return MHD_YES;
	}
	if (*len)
		return on_body(x, data, len);
	/* Called once more when a worker has handed it back. */
	if (x->state == EXCHANGE_BODY && !exchange_run(x))
		return MHD_YES;
	return exchange_send(x);
}

static void on_completed(_unused_ void *cls, _unused_ struct MHD_Connection *c, void **req_cls,
			 _unused_ enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *req_cls;

	if (!x)
		return;
	if (x->link)
		link_due(x->link, x->listener->opt.limits.idle_s);
	exchange_free(x);
	*req_cls = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = cls;
	const union MHD_ConnectionInfo *fd, *address;
	struct link *k = *context;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (k)
			links_remove(&l->links, k);
		return;
	}
	fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	k = fd ? links_add(&l->links, l, fd->connect_fd) : NULL;
	*context = k;
	if (!k)
		return; /* on_request() refuses it */
	if (address && address->client_addr)
		address_text(address->client_addr, k->address);
	link_due(k, l->opt.limits.first_s);
}

/* libmicrohttpd leaves the connection in the session; so the certificate needs no state at file scope. */
/* NOLINTNEXTLINE(readability-function-size): the parameters are GnuTLS's */
static int choose_certificate(gnutls_session_t session, _unused_ const gnutls_datum_t *ca,
			      _unused_ int n_ca, _unused_ const gnutls_pk_algorithm_t *algos,
			      _unused_ int n_algos, gnutls_pcert_st **ret_chain, unsigned *ret_n,
			      gnutls_privkey_t *ret_key)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(gnutls_session_get_ptr(session),
					MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	const struct link *k = info ? info->socket_context : NULL;

	if (!k)
		return -1;
	tls_current(k->listener->tls, ret_chain, ret_n, ret_key);
	return 0;
}

static void refresh_certificate(struct listener *l)
{
	const struct server_log *log = l->opt.fleet->log;
	struct oak_error err = { 0 };
	int r = l->tls ? tls_refresh(l->tls, &err) : 0;

	if (l->tls)
		metrics_certificate(l->opt.fleet->metrics, tls_expires_s(l->tls));
	if (r < 0)
		server_log(log, LOG_LEVEL_ERROR, "certificate.refused", log_text("error", err.msg));
	else if (r > 0)
		server_log(log, LOG_LEVEL_NOTICE, "certificate.taken",
			   log_number("expires", tls_expires_s(l->tls)));
}

static void *run_sweeper(void *arg)
{
	struct listener *l = arg;
	unsigned turn = 0;

	while (!atomic_load(&l->stopping)) {
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = SWEEP_NS },
				      NULL);
		(void)links_sweep(&l->links, clock_now_ns());
		streams_sweep(&l->streams, clock_now_ns());
		if (++turn % CERTIFICATE_TURNS == 0)
			refresh_certificate(l);
		metrics_connections(l->opt.fleet->metrics, links_count(&l->links));
	}
	return NULL;
}

/* Until nothing is begun, or time is up. */
static void drain(struct listener *l)
{
	uint64_t until = clock_now_ns() + l->opt.limits.stop_s * 1000000000ull;

	while (atomic_load(&l->begun) && clock_now_ns() < until)
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = 5000000 },
				      NULL);
}

void listener_stop(struct listener *l)
{
	if (!l)
		return;
	atomic_store(&l->stopping, true);
	streams_end(&l->streams);
	if (l->daemon) {
		MHD_socket fd = MHD_quiesce_daemon(l->daemon);

		if (fd != MHD_INVALID_SOCKET)
			(void)close(fd);
		drain(l);
	}
	pool_stop(l->pool); /* hands back what it has: none may be suspended below */
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	if (l->sweeps)
		(void)pthread_join(l->sweeper, NULL);
	links_free(&l->links);
	streams_free(&l->streams);
	rates_free(l->rates);
	tls_free(l->tls);
	free(l);
}

static void fill_limits(struct listener *l)
{
	struct listener_limits *m = &l->opt.limits;
	const struct server_settings *s = l->opt.fleet->settings;
	uint32_t *value = (uint32_t *)m;
	const uint32_t *standard = (const uint32_t *)&defaults;

	if (!m->connections)
		m->connections = s->connections;
	for (size_t i = 0; i < sizeof(*m) / sizeof(uint32_t); i++)
		if (!value[i])
			value[i] = standard[i];
}

static struct MHD_Daemon *run_daemon(struct listener *l, int fd)
{
	const struct server_settings *s = l->opt.fleet->settings;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t threads = s->threads ? s->threads : cpus > 1 ? (uint32_t)cpus : 2;
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, l->opt.limits.connections, NULL },
		/* All the world comes from the address of a proxy. */
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->proxies ? 0 : l->opt.limits.per_address,
		  NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, l->opt.limits.idle_s, NULL },
		{ MHD_OPTION_THREAD_POOL_SIZE, threads, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ l->tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0,
		  (void *)(uintptr_t)TLS_PRIORITIES },
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)choose_certificate },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO |
					MHD_ALLOW_SUSPEND_RESUME | (l->tls ? MHD_USE_TLS : 0u),
				0, NULL, NULL, on_request, l, MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_URI_LOG_CALLBACK, on_target, l,
				MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped, l,
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_ARRAY,
				options, MHD_OPTION_END);
}

static int start_daemon(struct listener *l, struct oak_error *err)
{
	const struct server_settings *s = l->opt.fleet->settings;
	union address a;
	int fd = -1, r = address_parse(s->listen, &a, err);

	if (r == 0 && !s->plain)
		r = tls_open(s->certificate, s->key, &l->tls, err);
	if (r == 0)
		r = address_listen(&a, &fd, &l->port, err);
	if (r < 0)
		return r;
	l->daemon = run_daemon(l, fd);
	if (l->daemon)
		return 0;
	(void)close(fd);
	return oak_fail(err, OAK_E_FAILED, "the HTTP server does not start");
}

static int start_parts(struct listener *l, struct oak_error *err)
{
	const struct pool_options pool = {
		.fleet = l->opt.fleet,
		.dbs = l->opt.dbs,
		.workers = l->opt.workers,
		.batch_db = l->opt.batch_db,
		.work_max = l->opt.limits.work_max,
		.batch_max = l->opt.limits.batch_max,
		.gather_ms = 5,
		.work = exchange_work,
		.batch = exchange_batch,
	};
	int r = pool_start(&pool, &l->pool, err);

	if (r == 0)
		r = start_daemon(l, err);
	if (r < 0)
		return r;
	r = pthread_create(&l->sweeper, NULL, run_sweeper, l);
	if (r)
		return oak_fail_errno(err, r, "starting a thread");
	l->sweeps = true;
	return 0;
}

int listener_start(const struct listener_options *opt, struct listener **ret, struct oak_error *err)
{
	_cleanup_(listener_stopp) struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	l->opt = *opt;
	links_init(&l->links);
	fill_limits(l);
	streams_init(&l->streams, l->opt.limits.streams);
	l->rates = rates_new(RATE_SLOTS);
	if (!l->rates)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (getrandom(&l->id_prefix, sizeof(l->id_prefix), 0) != sizeof(l->id_prefix))
		return oak_fail_errno(err, errno, "random bytes");
	r = start_parts(l, err);
	if (r < 0)
		return r;
	*ret = take_ptr(l);
	return 0;
}

uint16_t listener_port(const struct listener *l)
{
	return l->port;
}
