/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook-receiver DIR - who is called by webhooks, for tests: prints its port on 127.0.0.1, then lives until
 * its standard input ends. Request number N becomes DIR/N.head (method, path, headers) and DIR/N.body.
 *
 *	/ok        200
 *	/flaky     500, and from the second time on 200
 *	/broken    500
 *	/redirect  302 to /stolen
 *	/slow      says nothing
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <microhttpd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

struct receiver {
	const char *dir;
	unsigned n, flaky; /* one thread serves */
};

struct one {
	struct buf head, body;
};

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	(void)kind;
	return buf_printf(ctx, "%s: %s\n", name, value ? value : "") < 0 ? MHD_NO : MHD_YES;
}

static unsigned status_of(struct receiver *r, const char *path)
{
	if (strcmp(path, "/flaky") == 0)
		return r->flaky++ ? 200 : 500;
	if (strcmp(path, "/broken") == 0)
		return 500;
	return strcmp(path, "/redirect") == 0 ? 302 : 200;
}

static int keep(struct receiver *r, const struct one *o)
{
	struct oak_error err = { .code = OAK_OK };
	char path[4096];

	r->n++;
	(void)snprintf(path, sizeof(path), "%s/%u.body", r->dir, r->n);
	if (file_write(AT_FDCWD, path, o->body.data, o->body.len, 0644, &err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%u.head", r->dir, r->n);
	return file_write(AT_FDCWD, path, o->head.data, o->head.len, 0644, &err);
}

static enum MHD_Result answer(struct MHD_Connection *c, struct receiver *r, const char *path)
{
	struct MHD_Response *res = MHD_create_response_from_buffer(3, (void *)(uintptr_t) "ok\n",
								   MHD_RESPMEM_PERSISTENT);
	enum MHD_Result queued;

	(void)MHD_add_response_header(res, "Location", "/stolen");
	queued = MHD_queue_response(c, status_of(r, path), res);
	MHD_destroy_response(res);
	return queued;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct receiver *r = ctx;
	struct one *o = *state;

	(void)version;
	if (!o) {
		*state = calloc(1, sizeof(*o));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*len) {
		if (buf_add(&o->body, data, *len) < 0)
			return MHD_NO;
		*len = 0;
		return MHD_YES;
	}
	if (buf_printf(&o->head, "%s %s\n", method, path) < 0)
		return MHD_NO;
	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, add_header, &o->head);
	if (keep(r, o) < 0)
		return MHD_NO;
	if (strcmp(path, "/slow") == 0)
		(void)sleep(30);
	return answer(c, r, path);
}

static void on_end(void *ctx, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode why)
{
	struct one *o = *state;

	(void)ctx;
	(void)c;
	(void)why;
	if (!o)
		return;
	buf_free(&o->head);
	buf_free(&o->body);
	free(o);
}

int main(int argc, char **argv)
{
	struct receiver r = { .dir = argc > 1 ? argv[1] : "." };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *d;
	char c;

	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, &r,
			     MHD_OPTION_SOCK_ADDR, &in, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
			     MHD_OPTION_END);
	if (!d)
		return 1;
	info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);
	if (!info)
		return 1;
	printf("%u\n", (unsigned)info->port);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		continue;
	MHD_stop_daemon(d);
	return 0;
}
