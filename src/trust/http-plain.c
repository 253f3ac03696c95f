/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/http-plain.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "trust/http-head.h"

#define CONNECT_TIMEOUT_MS 15000
#define SILENCE_MS         30000 /* these three: as libcurl is told in fetch-http.c */
#define SLOW_BYTES_A_S     100.0
#define TOTAL_S            600.0
#define CHUNK              16384u

struct http_plain {
	char *host, *port, *base; /* base begins and ends with '/' */
	int fd;                   /* the kept connection, or -1 */
	uint64_t start_ns;        /* of the question that is being answered */
};

DEFINE_CLEANUP(struct addrinfo *, freeaddrinfo)

void http_plain_close(struct http_plain *h)
{
	if (!h)
		return;
	closep(&h->fd);
	free(h->host);
	free(h->port);
	free(h->base);
	free(h);
}

static bool has_proxy(void)
{
	static const char *const names[] = { "http_proxy", "all_proxy", "ALL_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return true;
	}
	return false;
}

int http_plain_open(const char *url, struct http_plain **ret, struct oak_error *err)
{
	static const char scheme[] = "http://";
	_cleanup_(http_plain_closep) struct http_plain *h = NULL;
	const char *authority = url + strlen(scheme), *host_end, *end;

	*ret = NULL;
	if (strncmp(url, scheme, strlen(scheme)) != 0 || has_proxy() || strpbrk(url, "@?#[] \\"))
		return 0;
	end = authority + strcspn(authority, "/");
	host_end = memchr(authority, ':', (size_t)(end - authority));
	if (!host_end)
		host_end = end;
	if (host_end == authority)
		return 0;
	h = calloc(1, sizeof(*h));
	if (!h)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	h->fd = -1;
	h->host = strndup(authority, (size_t)(host_end - authority));
	h->port = host_end + 1 < end ? strndup(host_end + 1, (size_t)(end - host_end - 1))
				     : strdup("80");
	if (asprintf(&h->base, "%s%s", *end ? end : "/",
		     *end && end[strlen(end) - 1] != '/' ? "/" : "") < 0)
		h->base = NULL;
	if (!h->host || !h->port || !h->base)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(h);
	return 0;
}

/* Waits until the socket can be read or written. Return: 0 or -errno. */
static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&p, 1, timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* Return: a descriptor or -errno. */
static int connect_to(const struct addrinfo *a)
{
	_cleanup_(closep) int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	socklen_t len = sizeof(int);
	int sys = 0, r;

	if (fd < 0)
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		if (errno != EINPROGRESS)
			return -errno;
		r = wait_for(fd, POLLOUT, CONNECT_TIMEOUT_MS);
		if (r < 0)
			return r;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
			return -errno;
		if (sys)
			return -sys;
	}
	return take_fd(fd);
}

static int dial(struct http_plain *h, struct oak_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	_cleanup_(freeaddrinfop) struct addrinfo *list = NULL;
	int r = getaddrinfo(h->host, h->port, &hints, &list), fd = -EADDRNOTAVAIL;

	if (r != 0)
		return oak_fail(err, OAK_E_AGAIN, "Could not resolve host: %s (%s)", h->host,
				gai_strerror(r));
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = connect_to(a);
	if (fd < 0)
		return oak_fail(err, OAK_E_AGAIN, "Failed to connect to %s port %s: %s", h->host,
				h->port, strerror(-fd));
	h->fd = fd;
	return 0;
}

static int send_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			n = wait_for(fd, POLLOUT, SILENCE_MS);
		else if (n < 0 && errno != EINTR)
			n = -errno;
		if (n < 0 && errno != EINTR)
			return (int)n;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* A server that trickles is an attack or a dead line. */
static bool is_too_slow(const struct http_plain *h, size_t received)
{
	double s = clock_seconds_since(h->start_ns);

	return s > TOTAL_S || (s > SILENCE_MS / 1e3 && (double)received < s * SLOW_BYTES_A_S);
}

/* Return: bytes received, 0 at the end, or -errno. */
static ssize_t receive(const struct http_plain *h, struct buf *b, size_t most)
{
	for (;;) {
		ssize_t n;
		int r;

		if (is_too_slow(h, b->len))
			return -ETIMEDOUT;
		if (buf_reserve(b, most) < 0)
			return -ENOMEM;
		n = recv(h->fd, b->data + b->len, most, 0);
		if (n >= 0) {
			b->len += (size_t)n;
			return n;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		r = wait_for(h->fd, POLLIN, SILENCE_MS);
		if (r < 0)
			return r;
	}
}

static int ask(const struct http_plain *h, const char *path)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (buf_printf(&text,
		       "GET %s%s HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: oakum/" OAK_VERSION "\r\n"
		       "Accept: */*\r\n\r\n",
		       h->base, path, h->host, h->port) < 0)
		return -ENOMEM;
	return send_all(h->fd, buf_str(&text), text.len);
}

/* Receives until the head is whole; @in then holds it and the begin of the body. */
static int read_head(const struct http_plain *h, struct buf *in, struct http_head *ret)
{
	for (;;) {
		int r = http_head_parse(in->data, in->len, ret);
		ssize_t n;

		if (r != -EAGAIN)
			return r;
		n = receive(h, in, CHUNK);
		if (n <= 0)
			return n < 0 ? (int)n : -ECONNRESET;
	}
}

static int read_body(const struct http_plain *h, const struct http_head *head, struct buf *in)
{
	while (in->len - head->len < head->length) {
		uint64_t left = head->length - (in->len - head->len);
		ssize_t n = receive(h, in, left < CHUNK ? (size_t)left : CHUNK);

		if (n <= 0)
			return n < 0 ? (int)n : -ECONNRESET;
	}
	/* More than was announced: whatever that is, it is not ours. */
	return in->len - head->len == head->length ? 0 : -EPROTO;
}

/* One question, one answer. Return: 0, -ENOMEM, -EFBIG, -ETIMEDOUT; another -errno: not handled. */
static int talk(struct http_plain *h, const char *path, size_t max, struct buf *in,
		struct http_head *head)
{
	int r;

	h->start_ns = clock_now_ns();
	r = ask(h, path);
	if (r == 0)
		r = read_head(h, in, head);
	if (r == 0 && head->length > max)
		r = head->status == 200 ? -EFBIG : -EPROTO;
	if (r == 0)
		r = read_body(h, head, in);
	if (r < 0 || !head->keep) {
		closep(&h->fd);
		h->fd = -1;
	}
	return r;
}

int http_plain_get(struct http_plain *h, const char *path, size_t max, struct buf *ret,
		   unsigned *ret_status, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf in = { 0 };
	struct http_head head = { 0 };
	bool kept = h->fd >= 0;
	int r = -ECONNRESET;

	*ret_status = 0;
	if (kept)
		r = talk(h, path, max, &in, &head);
	/* The server may have closed a connection that was kept: once more on a new one. */
	if (!kept || (r == -ECONNRESET || r == -EPIPE)) {
		in.len = 0;
		r = dial(h, err);
		if (r < 0)
			return r;
		r = talk(h, path, max, &in, &head);
	}
	if (r == -EFBIG)
		return oak_fail(err, OAK_E_TOOLARGE, "larger than %zu bytes", max);
	if (r == -ETIMEDOUT)
		return oak_fail(err, OAK_E_AGAIN, "the server is too slow");
	if (r == -ENOMEM || (r == 0 && head.status == 200 &&
			     buf_add(ret, in.data + head.len, (size_t)head.length) < 0))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		*ret_status = head.status;
	return 0;
}
