/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"

#define POLL_MS      20
#define REQUEST_MAX  4096
#define ENDLESS_PART 65536

static void send_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static void send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

static void send_file(int fd, const char *dir, const char *name)
{
	_cleanup_(freep) char *path = path_join(dir, name);
	_cleanup_(buf_free) struct buf body = { 0 };
	char head[256];

	if (file_read(AT_FDCWD, path, 1u << 26, &body, NULL) < 0) {
		send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n"
			      "Connection: close\r\n\r\nnone\n");
		return;
	}
	(void)snprintf(head, sizeof(head),
		       "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		       body.len);
	send_text(fd, head);
	send_all(fd, body.data, body.len);
}

static void send_endless(int fd)
{
	static const char part[ENDLESS_PART];

	send_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	/* 64 MiB would be an end, but nobody should read so far. */
	for (int i = 0; i < 1024; i++)
		if (send(fd, part, sizeof(part), MSG_NOSIGNAL) <= 0)
			return;
}

static const struct {
	const char *path, *answer; /* NULL: endless */
} special[] = {
	{ "-endless", NULL },
	{ "-cut", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf" },
	{ "-error", "HTTP/1.1 500 Oops\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry" },
	{ "-forbidden", "HTTP/1.1 403 No\r\nContent-Length: 500\r\nConnection: close\r\n\r\n" },
	{ "-gone", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "-elsewhere", "HTTP/1.1 302 Found\r\nLocation: /timestamp.json\r\n"
			"Content-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "-file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
		   "Content-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "-round", "HTTP/1.1 302 Found\r\nLocation: /-round\r\n"
		    "Content-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "-silent", "" },
};

static void answer(const struct http_server *s, int fd)
{
	char request[REQUEST_MAX] = "", *path, *end;
	size_t len = 0;

	while (!strstr(request, "\r\n\r\n")) {
		ssize_t n = recv(fd, request + len, sizeof(request) - 1 - len, 0);

		if (n <= 0)
			return;
		len += (size_t)n;
		request[len] = '\0';
	}
	if (strncmp(request, "GET /", 5) != 0)
		return;
	path = request + 5;
	end = strchr(path, ' ');
	if (!end)
		return;
	*end = '\0';
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (strcmp(special[i].path, path) != 0)
			continue;
		if (special[i].answer)
			send_text(fd, special[i].answer);
		else
			send_endless(fd);
		return;
	}
	send_file(fd, s->dir, path);
}

static void *serve(void *ctx)
{
	struct http_server *s = ctx;

	while (!atomic_load(&s->stop)) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int fd;

		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		(void)atomic_fetch_add(&s->requests, 1);
		answer(s, fd);
		(void)close(fd);
	}
	return NULL;
}

void http_server_start(struct http_server *s, const char *dir)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(any);

	/* The proxy of the machine does not know our loopback. */
	EXPECT(setenv("no_proxy", "127.0.0.1", 1) == 0);
	s->dir = dir;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	EXPECT(s->fd >= 0);
	EXPECT(bind(s->fd, (const struct sockaddr *)&any, sizeof(any)) == 0);
	EXPECT(listen(s->fd, 16) == 0);
	EXPECT(getsockname(s->fd, (struct sockaddr *)&any, &len) == 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(any.sin_port));
	atomic_init(&s->stop, false);
	atomic_init(&s->requests, 0);
	EXPECT(pthread_create(&s->thread, NULL, serve, s) == 0);
}

void http_server_stop(struct http_server *s)
{
	atomic_store(&s->stop, true);
	EXPECT(pthread_join(s->thread, NULL) == 0);
	(void)close(s->fd);
}
