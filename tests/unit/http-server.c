/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
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

/* What a request asks for beside its path. */
struct request {
	char path[REQUEST_MAX];
	char none_match[128]; /* If-None-Match */
	size_t range;         /* "Range: bytes=N-"; 0: all */
};

static void get_header(const char *request, const char *name, char *ret, size_t size)
{
	const char *at = strcasestr(request, name);
	size_t len;

	ret[0] = '\0';
	if (!at)
		return;
	at += strlen(name);
	len = strcspn(at, "\r\n");
	if (len < size) {
		memcpy(ret, at, len);
		ret[len] = '\0';
	}
}

static void get_etag(const struct buf *body, char ret[96])
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(body->data, body->len, hex);
	(void)snprintf(ret, 96, "\"%s\"", hex);
}

/* How a file is served; the first @cut bytes of what is asked for, 0: all of it. */
struct manner {
	const char *prefix;
	bool ranges;
	bool weak;
	size_t cut; /* SIZE_MAX: half of the file, once */
};

static const struct manner manners[] = {
	{ "-break/", true, false, SIZE_MAX }, { "-norange/", false, false, SIZE_MAX },
	{ "-weak/", true, true, SIZE_MAX },   { "-stumble/", true, false, SIZE_MAX },
	{ "-crumbs/", true, false, 10 },      { "", true, false, 0 },
};

static size_t sent_of(const struct manner *m, const struct request *q, size_t len)
{
	if (m->cut == SIZE_MAX)
		return q->range ? len : len / 2;
	return m->cut && m->cut < len ? m->cut : len;
}

static void send_body(int fd, const struct manner *m, const struct request *q,
		      const struct buf *body, const char *etag)
{
	size_t from = m->ranges && q->range < body->len ? q->range : 0;
	char head[512];

	(void)snprintf(head, sizeof(head),
		       "HTTP/1.1 %s\r\nContent-Length: %zu\r\nETag: %s%s\r\n"
		       "Connection: close\r\n\r\n",
		       from ? "206 Partial Content" : "200 OK", body->len - from,
		       m->weak ? "W/" : "", etag);
	send_text(fd, head);
	send_all(fd, body->data + from, sent_of(m, q, body->len - from));
}

static void send_file(struct http_server *s, int fd, const struct request *q)
{
	_cleanup_(buf_free) struct buf body = { 0 };
	_cleanup_(freep) char *path = NULL;
	const struct manner *m = manners;
	char etag[96];

	while (strncmp(q->path, m->prefix, strlen(m->prefix)) != 0)
		m++;
	path = path_join(s->dir, q->path + strlen(m->prefix));
	if (file_read(AT_FDCWD, path, 1u << 26, &body, NULL) < 0) {
		send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n"
			      "Connection: close\r\n\r\nnone\n");
		return;
	}
	get_etag(&body, etag);
	if (strcmp(q->none_match, etag) == 0) {
		(void)atomic_fetch_add(&s->not_modified, 1);
		send_text(fd, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
		return;
	}
	send_body(fd, m, q, &body, etag);
}

static void send_slowly(int fd)
{
	const struct timespec pause = { .tv_nsec = 200000000 };

	send_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 20 && send(fd, "x", 1, MSG_NOSIGNAL) == 1; i++)
		(void)nanosleep(&pause, NULL);
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
	{ "-busy", "HTTP/1.1 429 Busy\r\nRetry-After: 17\r\nContent-Length: 0\r\n"
		   "Connection: close\r\n\r\n" },
	{ "-https", "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\n"
		    "Content-Length: 0\r\nConnection: close\r\n\r\n" },
};

/* False: the peer said no request that we know. */
static bool read_request(int fd, struct request *ret)
{
	char request[REQUEST_MAX] = "", range[64];
	size_t len = 0, path_len;

	while (!strstr(request, "\r\n\r\n")) {
		ssize_t n = recv(fd, request + len, sizeof(request) - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		request[len] = '\0';
	}
	if (strncmp(request, "GET /", 5) != 0)
		return false;
	path_len = strcspn(request + 5, " ");
	*ret = (struct request){ .range = 0 };
	memcpy(ret->path, request + 5, path_len);
	get_header(request, "\r\nIf-None-Match: ", ret->none_match, sizeof(ret->none_match));
	get_header(request, "\r\nRange: bytes=", range, sizeof(range));
	for (const char *p = range; *p >= '0' && *p <= '9'; p++)
		ret->range = 10 * ret->range + (size_t)(*p - '0');
	return true;
}

static void answer(struct http_server *s, int fd)
{
	struct request q;

	if (!read_request(fd, &q))
		return;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (strcmp(special[i].path, q.path) != 0)
			continue;
		if (special[i].answer)
			send_text(fd, special[i].answer);
		else
			send_endless(fd);
		return;
	}
	if (strcmp(q.path, "-slow") == 0)
		send_slowly(fd);
	else if (strncmp(q.path, "-stumble/", 9) == 0 && atomic_load(&s->requests) == 2)
		send_text(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
			      "Connection: close\r\n\r\n");
	else
		send_file(s, fd, &q);
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
	atomic_init(&s->not_modified, 0);
	EXPECT(pthread_create(&s->thread, NULL, serve, s) == 0);
}

void http_server_stop(struct http_server *s)
{
	atomic_store(&s->stop, true);
	EXPECT(pthread_join(s->thread, NULL) == 0);
	(void)close(s->fd);
}
