/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define BACKLOG \
	4096 /* as many as come at once when the power is back; the kernel's somaxconn bounds it */

static int parse_port(const char *text, uint16_t *ret)
{
	uint32_t n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || n > 65535)
			return -EINVAL;
		n = n * 10 + (uint32_t)(*text - '0');
	}
	if (n > 65535)
		return -EINVAL;
	*ret = (uint16_t)n;
	return 0;
}

static int parse_host(const char *host, uint16_t port, union address *ret)
{
	struct in6_addr in6 = in6addr_any;
	struct in_addr in4;

	*ret = (union address){ 0 };
	if (inet_pton(AF_INET, host, &in4) == 1) {
		ret->v4 = (struct sockaddr_in){ .sin_family = AF_INET,
						.sin_port = htons(port),
						.sin_addr = in4 };
		return 0;
	}
	if (strcmp(host, "*") != 0 && inet_pton(AF_INET6, host, &in6) != 1)
		return -EINVAL;
	ret->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					 .sin6_port = htons(port),
					 .sin6_addr = in6 };
	return 0;
}

int address_parse(const char *text, union address *ret, struct oak_error *err)
{
	const char *colon = strrchr(text, ':');
	char host[64] = "";
	uint16_t port = 0;
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (!colon || !len || len >= sizeof(host) || parse_port(colon + 1, &port) < 0)
		return oak_fail(err, OAK_E_USAGE,
				"listen: want an address and a port, \"[::]:8443\"");
	memcpy(host, text, len);
	if (parse_host(host, port, ret) < 0)
		return oak_fail(err, OAK_E_USAGE, "listen: %s: want a numeric address", host);
	return 0;
}

void address_text(const struct sockaddr *a, char ret[48])
{
	const union address *u = (const union address *)(const void *)a;

	ret[0] = '\0';
	if (a->sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &u->v4.sin_addr, ret, 48);
	else if (a->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&u->v6.sin6_addr))
		(void)inet_ntop(AF_INET, &u->v6.sin6_addr.s6_addr[12], ret, 48);
	else if (a->sa_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &u->v6.sin6_addr, ret, 48);
}

static int open_socket(const union address *a)
{
	_cleanup_(closep) int fd =
		socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
	int on = 1, off = 0;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, &a->any, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return take_fd(fd);
}

int address_listen(const union address *a, int *ret_fd, uint16_t *ret_port, struct oak_error *err)
{
	union address got = { 0 };
	socklen_t len = sizeof(got);
	char text[48];
	int fd = open_socket(a);

	address_text(&a->any, text);
	/* The port lies at the same place in both families. */
	if (fd < 0)
		return oak_fail_errno(err, fd, "listening on %s, port %u", text,
				      ntohs(a->v4.sin_port));
	if (getsockname(fd, &got.any, &len) < 0) {
		int sys = errno;

		(void)close(fd);
		return oak_fail_errno(err, sys, "listening on %s", text);
	}
	*ret_fd = fd;
	*ret_port = ntohs(got.v4.sin_port);
	return 0;
}
