/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS      20
#define REQUEST_MAX  4096
#define ENDLESS_MAX  (1u << 27) /* where the test gives up */
#define ENDLESS_PART 65536

static bool send_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static void send_head(int fd, const char *status, const char *more)
{
	char head[256];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n%sConnection: close\r\n\r\n", status,
			 more);

	(void)send_all(fd, head, (size_t)n);
}

static void send_endless(int fd)
{
	static const char part[ENDLESS_PART];

	send_head(fd, "200 OK", "");
	for (size_t sent = 0; sent < ENDLESS_MAX; sent += sizeof(part))
		if (!send_all(fd, part, sizeof(part)))
			return;
}

static void send_slowly(struct sim_server *s, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	send_head(fd, "200 OK", "Content-Length: 4000\r\n");
	while (!atomic_load(&s->stop) && send_all(fd, " ", 1))
		if (poll(&p, 1, 1000) > 0)
			return;
}

static void answer(struct sim_server *s, int fd)
{
	char request[REQUEST_MAX] = "", length[64];
	_cleanup_(buf_free) struct buf body = { 0 };
	char *path = request + 5, *end;
	size_t len = 0;

	while (!strstr(request, "\r\n\r\n")) {
		ssize_t n = recv(fd, request + len, sizeof(request) - 1 - len, 0);

		if (n <= 0)
			return;
		len += (size_t)n;
		request[len] = '\0';
	}
	end = strncmp(request, "GET /", 5) == 0 ? strchr(path, ' ') : NULL;
	if (!end)
		return;
	*end = '\0';
	if (s->endless && strcmp(s->endless, path) == 0) {
		send_endless(fd);
	} else if (s->slow && strcmp(s->slow, path) == 0) {
		send_slowly(s, fd);
	} else if (sim_fetch(s->sim, path, SIZE_MAX, &body, NULL) < 0) {
		send_head(fd, "404 Not Found", "Content-Length: 0\r\n");
	} else {
		(void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body.len);
		send_head(fd, "200 OK", length);
		(void)send_all(fd, body.data, body.len);
	}
}

static void *serve(void *ctx)
{
	struct sim_server *s = ctx;

	while (!atomic_load(&s->stop)) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int fd;

		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		answer(s, fd);
		(void)close(fd);
	}
	return NULL;
}

void sim_server_start(struct sim_server *s, struct sim *sim)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(any);
	struct oak_error err;

	/* The proxy of the machine does not know our loopback. */
	EXPECT(setenv("no_proxy", "127.0.0.1", 1) == 0);
	*s = (struct sim_server){ .sim = sim };
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	EXPECT(s->fd >= 0);
	EXPECT(bind(s->fd, (const struct sockaddr *)&any, sizeof(any)) == 0);
	EXPECT(listen(s->fd, 16) == 0);
	EXPECT(getsockname(s->fd, (struct sockaddr *)&any, &len) == 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(any.sin_port));
	atomic_init(&s->stop, false);
	EXPECT(pthread_create(&s->thread, NULL, serve, s) == 0);
	EXPECT(fetcher_open(s->url, &sim->fetcher, &err) == 0);
}

void sim_server_stop(struct sim_server *s)
{
	fetcher_close(&s->sim->fetcher);
	atomic_store(&s->stop, true);
	EXPECT(pthread_join(s->thread, NULL) == 0);
	(void)close(s->fd);
}
