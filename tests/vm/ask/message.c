/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#define ALIGNED(n) (((n) + 3u) & ~(size_t)3u)

static size_t put(struct message *m, const void *data, size_t len)
{
	size_t at = m->len;

	if (ALIGNED(len) > sizeof(m->bytes) - at)
		abort();
	if (len)
		memcpy(m->bytes + at, data, len);
	m->len += ALIGNED(len);
	return at;
}

/* Headers say how long all behind them is. */
static void set_length(struct message *m)
{
	uint32_t len = (uint32_t)(m->len - m->head);

	memcpy(m->bytes + m->head, &len, sizeof(len));
}

void message_start(struct message *m, unsigned type, unsigned flags, const void *head, size_t len)
{
	struct nlmsghdr h = { .nlmsg_type = (uint16_t)type,
			      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };

	m->head = put(m, &h, sizeof(h));
	(void)put(m, head, len);
	set_length(m);
}

size_t message_begin(struct message *m, unsigned type)
{
	struct nlattr a = { .nla_type = (uint16_t)type };

	return put(m, &a, sizeof(a));
}

void message_end(struct message *m, size_t at)
{
	uint16_t len = (uint16_t)(m->len - at);

	memcpy(m->bytes + at, &len, sizeof(len));
	set_length(m);
}

void message_attr(struct message *m, unsigned type, const void *data, size_t len)
{
	struct nlattr a = { .nla_type = (uint16_t)type, .nla_len = (uint16_t)(sizeof(a) + len) };

	(void)put(m, &a, sizeof(a));
	(void)put(m, data, len);
	set_length(m);
}

void message_text(struct message *m, unsigned type, const char *text)
{
	message_attr(m, type, text, strlen(text) + 1);
}

void message_be32(struct message *m, unsigned type, uint32_t value)
{
	uint32_t be = htonl(value);

	message_attr(m, type, &be, sizeof(be));
}

void message_send(const struct message *m, int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return;
	(void)send(fd, m->bytes, m->len, 0);
	(void)close(fd);
}
