/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink: kinds of links, of traffic control and of IPsec, families of sockets and of netlink. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/xfrm.h>

#include "ask.h"
#include "message.h"

#define LOOPBACK 1 /* its index in every network namespace */
#define HANDLE   0x10000u

bool ask_generic(const char *rest)
{
	struct genlmsghdr head = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	struct message m = { .len = 0 };

	message_start(&m, GENL_ID_CTRL, 0, &head, sizeof(head));
	message_text(&m, CTRL_ATTR_FAMILY_NAME, rest);
	message_send(&m, NETLINK_GENERIC);
	return true;
}

/* FAMILY[-PROTOCOL]; a protocol does not fit into the member of the request any more. */
bool ask_diag(const char *rest)
{
	int family = ask_number(&rest);
	int protocol = ask_skip(&rest, "-") ? ask_number(&rest) : 0;
	struct inet_diag_req_v2 head = { .sdiag_family = (uint8_t)family,
					 .sdiag_protocol = (uint8_t)protocol };
	struct message m = { .len = 0 };

	if (family < 0 || protocol < 0)
		return false;
	message_start(&m, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &head, sizeof(head));
	if (protocol > 255)
		message_attr(&m, INET_DIAG_REQ_PROTOCOL, &(uint32_t){ (uint32_t)protocol }, 4);
	message_send(&m, NETLINK_SOCK_DIAG);
	return true;
}

bool ask_netlink(const char *rest)
{
	int protocol = ask_number(&rest);
	struct message m = { .len = 0 };

	/* That there is such a socket is all. */
	message_send(&m, protocol);
	return protocol >= 0;
}

bool ask_rdma(const char *rest)
{
	int client = ask_number(&rest);
	struct message m = { .len = 0 };

	if (client < 0)
		return false;
	message_start(&m, (unsigned)client << 10, 0, NULL, 0);
	message_send(&m, NETLINK_RDMA);
	return true;
}

bool ask_link(const char *rest)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct message m = { .len = 0 };
	size_t info;

	message_start(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	info = message_begin(&m, IFLA_LINKINFO);
	message_text(&m, IFLA_INFO_KIND, rest);
	message_end(&m, info);
	message_send(&m, NETLINK_ROUTE);
	return true;
}

bool ask_qdisc(const char *rest)
{
	struct tcmsg head = { .tcm_ifindex = LOOPBACK,
			      .tcm_parent = TC_H_ROOT,
			      .tcm_handle = HANDLE };
	struct message m = { .len = 0 };

	message_start(&m, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	message_text(&m, TCA_KIND, rest);
	message_send(&m, NETLINK_ROUTE);
	return true;
}

/*
 * A filter hangs on what has classes: fq_codel is part of Debian's kernel. An action alone is for the
 * host's root; as part of a filter it is for whoever may have filters.
 */
static bool ask_filter_with(const char *kind, const char *action)
{
	struct tcmsg head = { .tcm_ifindex = LOOPBACK,
			      .tcm_parent = HANDLE,
			      .tcm_info = (1u << 16) | htons(0x0800) };
	struct message m = { .len = 0 };
	size_t options, table, first;

	(void)ask_qdisc("fq_codel");
	message_start(&m, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	message_text(&m, TCA_KIND, kind);
	if (action) {
		options = message_begin(&m, TCA_OPTIONS | NLA_F_NESTED);
		table = message_begin(&m, TCA_MATCHALL_ACT | NLA_F_NESTED);
		first = message_begin(&m, 1 | NLA_F_NESTED);
		message_text(&m, TCA_ACT_KIND, action);
		message_end(&m, first);
		message_end(&m, table);
		message_end(&m, options);
	}
	message_send(&m, NETLINK_ROUTE);
	return true;
}

bool ask_filter(const char *rest)
{
	return ask_filter_with(rest, NULL);
}

bool ask_action(const char *rest)
{
	return ask_filter_with("matchall", rest);
}

/* What each protocol wants to have; 4 and 41 nobody may ask for directly. */
static const struct {
	int protocol;
	unsigned type;
	const char *name;
	unsigned key_bits;
} algorithms[] = {
	{ IPPROTO_ESP, XFRMA_ALG_CRYPT, "cbc(aes)", 128 },
	{ IPPROTO_AH, XFRMA_ALG_AUTH, "hmac(sha1)", 160 },
	{ IPPROTO_COMP, XFRMA_ALG_COMP, "deflate", 0 },
};

/* FAMILY-PROTOCOL */
bool ask_xfrm(const char *rest)
{
	int family = ask_number(&rest);
	int protocol = ask_skip(&rest, "-") ? ask_number(&rest) : -1;
	struct xfrm_usersa_info head = { .family = (uint16_t)family,
					 .id = { .proto = (uint8_t)protocol, .spi = htonl(300) } };
	/* The key stands behind the structure that says how long it is. */
	unsigned char bytes[sizeof(struct xfrm_algo) + 32] = { 0 };
	struct xfrm_algo algo = { .alg_key_len = 0 };

	memset(&head.id.daddr, 1, sizeof(head.id.daddr));
	memset(&head.saddr, 2, sizeof(head.saddr));
	memset(&head.lft, 0xff, sizeof(head.lft)); /* XFRM_INF */
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		struct message m = { .len = 0 };

		if (algorithms[i].protocol != protocol)
			continue;
		(void)snprintf(algo.alg_name, sizeof(algo.alg_name), "%s", algorithms[i].name);
		algo.alg_key_len = algorithms[i].key_bits;
		memcpy(bytes, &algo, sizeof(algo));
		message_start(&m, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
		message_attr(&m, algorithms[i].type, bytes,
			     sizeof(algo) + algorithms[i].key_bits / 8);
		message_send(&m, NETLINK_XFRM);
		return true;
	}
	return false;
}
