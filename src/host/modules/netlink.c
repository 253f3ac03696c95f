/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "host/plain.h"

#define ANSWER_MAX ((size_t)256 << 10) /* the kernel's parts of a dump are of 32 KiB */
#define PARTS_MAX  100000u

struct bytes {
	const uint8_t *p;
	size_t len;
};

/* The next attribute of @in; false at the end or where it is damaged. */
static bool next_attribute(struct bytes *in, uint16_t *ret_type, struct bytes *ret)
{
	struct nlattr a;
	size_t step;

	if (in->len < sizeof(a))
		return false;
	memcpy(&a, in->p, sizeof(a));
	if (a.nla_len < sizeof(a) || a.nla_len > in->len)
		return false;
	*ret_type = a.nla_type & NLA_TYPE_MASK;
	*ret = (struct bytes){ in->p + sizeof(a), a.nla_len - sizeof(a) };
	step = NLA_ALIGN((size_t)a.nla_len);
	step = step < in->len ? step : in->len;
	in->p += step;
	in->len -= step;
	return true;
}

static void copy_text(char ret[NETLINK_NAME_MAX], struct bytes b)
{
	size_t n = strnlen((const char *)b.p, b.len);

	n = n < NETLINK_NAME_MAX - 1 ? n : NETLINK_NAME_MAX - 1;
	memcpy(ret, b.p, n);
	ret[n] = '\0';
	plain_copy(ret, NETLINK_NAME_MAX, ret);
}

static void read_link_info(struct bytes info, struct netlink_item *ret)
{
	struct bytes value;
	uint16_t type;

	while (next_attribute(&info, &type, &value)) {
		if (type == IFLA_INFO_KIND)
			copy_text(ret->kind, value);
		else if (type == IFLA_INFO_SLAVE_KIND)
			copy_text(ret->slave_kind, value);
	}
}

static bool read_link(struct bytes m, struct netlink_item *ret)
{
	struct bytes value;
	uint16_t type;

	if (m.len < NLMSG_ALIGN(sizeof(struct ifinfomsg)))
		return false;
	m.p += NLMSG_ALIGN(sizeof(struct ifinfomsg));
	m.len -= NLMSG_ALIGN(sizeof(struct ifinfomsg));
	while (next_attribute(&m, &type, &value)) {
		if (type == IFLA_IFNAME)
			copy_text(ret->name, value);
		else if (type == IFLA_LINKINFO)
			read_link_info(value, ret);
	}
	return true;
}

static bool read_table(struct bytes m, struct netlink_item *ret)
{
	struct bytes value;
	uint16_t type;

	if (m.len < NLMSG_ALIGN(sizeof(struct nfgenmsg)))
		return false;
	m.p += NLMSG_ALIGN(sizeof(struct nfgenmsg));
	m.len -= NLMSG_ALIGN(sizeof(struct nfgenmsg));
	while (next_attribute(&m, &type, &value))
		if (type == NFTA_TABLE_NAME)
			copy_text(ret->name, value);
	return true;
}

static uint16_t answer_type(enum netlink_what what)
{
	return what == NETLINK_LINK ? RTM_NEWLINK : (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWTABLE;
}

enum netlink_found netlink_next(enum netlink_what what, const uint8_t **data, size_t *left,
				struct netlink_item *ret)
{
	struct bytes body;
	struct nlmsghdr h;
	size_t step;

	if (*left < sizeof(h))
		return *left ? NETLINK_FAILED : NETLINK_MORE;
	memcpy(&h, *data, sizeof(h));
	if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > *left)
		return NETLINK_FAILED;
	body = (struct bytes){ *data + sizeof(h), h.nlmsg_len - sizeof(h) };
	step = NLMSG_ALIGN((size_t)h.nlmsg_len);
	step = step < *left ? step : *left;
	*data += step;
	*left -= step;
	if (h.nlmsg_type == NLMSG_DONE)
		return NETLINK_DONE;
	if (h.nlmsg_type == NLMSG_ERROR)
		return NETLINK_FAILED;
	if (h.nlmsg_type != answer_type(what))
		return NETLINK_OTHER;
	*ret = (struct netlink_item){ .name = "" };
	return (what == NETLINK_LINK ? read_link(body, ret) : read_table(body, ret))
		       ? NETLINK_ITEM
		       : NETLINK_FAILED;
}

int netlink_open(enum netlink_what what)
{
	struct timeval tv = { .tv_sec = NETLINK_TIMEOUT_MS / 1000 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			what == NETLINK_LINK ? NETLINK_ROUTE : NETLINK_NETFILTER);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static int ask(int fd, enum netlink_what what)
{
	struct {
		struct nlmsghdr h;
		union {
			struct ifinfomsg link;
			struct nfgenmsg table;
		};
	} m = {
		.h = { .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		       .nlmsg_seq = 1,
		       .nlmsg_type = what == NETLINK_LINK
					     ? RTM_GETLINK
					     : (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETTABLE },
	};

	m.h.nlmsg_len =
		(uint32_t)NLMSG_LENGTH(what == NETLINK_LINK ? sizeof(m.link) : sizeof(m.table));
	return send(fd, &m, m.h.nlmsg_len, 0) < 0 ? -errno : 0;
}

struct asker {
	enum netlink_what what;
	int (*fn)(void *ctx, const struct netlink_item *item, struct oak_error *err);
	void *ctx;
};

/* Return: 1 where the answer goes on, 0 at its end, or a negative code. */
static int take_part(const struct asker *a, const uint8_t *data, size_t len, struct oak_error *err)
{
	struct netlink_item item;
	int r;

	for (;;) {
		switch (netlink_next(a->what, &data, &len, &item)) {
		case NETLINK_ITEM:
			r = a->fn(a->ctx, &item, err);
			if (r < 0)
				return r;
			break;
		case NETLINK_OTHER:
			break;
		case NETLINK_DONE:
			return 0;
		case NETLINK_MORE:
			return 1;
		case NETLINK_FAILED:
		default:
			return oak_fail(err, OAK_E_IO, "the kernel does not answer");
		}
	}
}

int netlink_each(int fd, enum netlink_what what,
		 int (*fn)(void *ctx, const struct netlink_item *item, struct oak_error *err),
		 void *ctx, struct oak_error *err)
{
	const struct asker a = { .what = what, .fn = fn, .ctx = ctx };
	_cleanup_(freep) uint8_t *part = malloc(ANSWER_MAX);
	int r = part ? ask(fd, what) : -ENOMEM;

	if (r < 0)
		return oak_fail_errno(err, r, "netlink");
	r = 1;
	for (unsigned i = 0; r == 1 && i < PARTS_MAX; i++) {
		ssize_t n = recv(fd, part, ANSWER_MAX, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return oak_fail_errno(err, n < 0 ? errno : EPIPE, "netlink");
		r = take_part(&a, part, (size_t)n, err);
	}
	return r == 1 ? oak_fail(err, OAK_E_IO, "the kernel's answer does not end") : r;
}
