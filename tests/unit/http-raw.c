/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-raw.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

int raw_connect(uint16_t port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		abort();
	return fd;
}

void raw_send(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/* One byte at a time: what follows belongs to the next answer. Return: 1; 0: the end; -1: nothing. */
static int read_byte(int fd, char *ret)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 10000) != 1)
		return -1;
	return recv(fd, ret, 1, 0) == 1 ? 1 : 0;
}

static int read_line(int fd, char *at, const char *end)
{
	char *line = at;

	while (at < end - 1) {
		int r = read_byte(fd, at);

		if (r != 1)
			return r;
		at[1] = '\0';
		if (*at++ == '\n')
			return (int)(at - line);
	}
	return 0;
}

static int read_bytes(int fd, char *at, size_t n, const char *end)
{
	for (; n && at < end - 1; n--, at++)
		if (read_byte(fd, at) != 1)
			return -1;
	*at = '\0';
	return n ? -1 : 0;
}

/* Digits as far as they go. */
static size_t number(const char *s, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *s; s++) {
		const char *d = strchr(digits, *s | (*s >= 'A' ? 0x20 : 0));

		if (!d || (unsigned)(d - digits) >= base)
			break;
		n = n * base + (size_t)(d - digits);
	}
	return n;
}

static void read_chunks(int fd, char *at, const char *end)
{
	char line[64];

	while (read_line(fd, line, line + sizeof(line)) > 0) {
		size_t n = number(line, 16);

		if (read_bytes(fd, at, n, end) < 0)
			return;
		at += n;
		if (read_line(fd, line, line + sizeof(line)) <= 0 || n == 0)
			return;
	}
}

int raw_answer(int fd, bool head_only, char *ret, size_t size)
{
	const char *length, *end = ret + size;
	char *at = ret;
	int r;

	do {
		r = read_line(fd, at, end);
		if (r <= 0)
			return r;
		at += r;
	} while (r > 2);
	if (strncmp(ret, "HTTP/1.1 100", 12) == 0)
		return raw_answer(fd, head_only, ret, size);
	length = strcasestr(ret, "\r\nContent-Length: ");
	if (!head_only && length)
		(void)read_bytes(fd, at, number(length + 18, 10), end);
	else if (!head_only && strcasestr(ret, "\r\nTransfer-Encoding: chunked"))
		read_chunks(fd, at, end);
	return (int)number(ret + 9, 10);
}

bool raw_is_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

bool raw_is_closed(int fd, int ms)
{
	char rest[4096];

	while (raw_is_readable(fd, ms))
		if (recv(fd, rest, sizeof(rest), 0) <= 0)
			return true;
	return false;
}
