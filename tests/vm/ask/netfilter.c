/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netfilter: its netlink subsystems, matches and targets of iptables, sets, parts of nftables. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "ask.h"
#include "message.h"

#define NAME "oakum"

static void start(struct message *m, unsigned subsystem, unsigned type, unsigned family)
{
	struct nfgenmsg head = { .nfgen_family = (uint8_t)family };

	message_start(m, subsystem << 8 | type, NLM_F_CREATE, &head, sizeof(head));
}

bool ask_nfnetlink(const char *rest)
{
	int subsystem = ask_number(&rest);
	struct message m = { .len = 0 };

	if (subsystem < 0)
		return false;
	start(&m, (unsigned)subsystem, 0, AF_INET);
	message_send(&m, NETLINK_NETFILTER);
	return true;
}

/* A match or a target: one of both is there, and the other is asked for in vain. */
static bool ask_xtables(const char *name, unsigned family)
{
	for (uint32_t target = 0; target < 2; target++) {
		struct message m = { .len = 0 };

		start(&m, NFNL_SUBSYS_NFT_COMPAT, NFNL_MSG_COMPAT_GET, family);
		message_text(&m, NFTA_COMPAT_NAME, name);
		message_be32(&m, NFTA_COMPAT_REV, 0);
		message_be32(&m, NFTA_COMPAT_TYPE, target);
		message_send(&m, NETLINK_NETFILTER);
	}
	return true;
}

bool ask_ipt(const char *rest)
{
	return ask_xtables(rest, NFPROTO_IPV4);
}

bool ask_ip6t(const char *rest)
{
	return ask_xtables(rest, NFPROTO_IPV6);
}

bool ask_arpt(const char *rest)
{
	return ask_xtables(rest, NFPROTO_ARP);
}

bool ask_ebt(const char *rest)
{
	return ask_xtables(rest, NFPROTO_BRIDGE);
}

bool ask_ipset(const char *rest)
{
	struct message m = { .len = 0 };

	start(&m, NFNL_SUBSYS_IPSET, IPSET_CMD_TYPE, NFPROTO_IPV4);
	message_attr(&m, IPSET_ATTR_PROTOCOL, &(uint8_t){ IPSET_PROTOCOL }, 1);
	message_text(&m, IPSET_ATTR_TYPENAME, rest);
	message_attr(&m, IPSET_ATTR_FAMILY, &(uint8_t){ NFPROTO_IPV4 }, 1);
	message_send(&m, NETLINK_NETFILTER);
	return true;
}

/* A transaction of nftables begins with a table. */
static void start_batch(struct message *m, unsigned family)
{
	struct nfgenmsg head = { .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	message_start(m, NFNL_MSG_BATCH_BEGIN, 0, &head, sizeof(head));
	start(m, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWTABLE, family);
	message_text(m, NFTA_TABLE_NAME, NAME);
}

static void send_batch(struct message *m)
{
	struct nfgenmsg head = { .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	message_start(m, NFNL_MSG_BATCH_END, 0, &head, sizeof(head));
	message_send(m, NETLINK_NETFILTER);
}

/* [FAMILY-]NAME */
bool ask_nft_expression(const char *rest)
{
	int family = ask_number(&rest);
	struct message m = { .len = 0 };
	size_t list, element, data;

	(void)ask_skip(&rest, "-");
	if (family < 0)
		family = NFPROTO_INET;
	start_batch(&m, (unsigned)family);
	start(&m, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, (unsigned)family);
	message_text(&m, NFTA_CHAIN_TABLE, NAME);
	message_text(&m, NFTA_CHAIN_NAME, NAME);
	start(&m, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE, (unsigned)family);
	message_text(&m, NFTA_RULE_TABLE, NAME);
	message_text(&m, NFTA_RULE_CHAIN, NAME);
	list = message_begin(&m, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED);
	element = message_begin(&m, NFTA_LIST_ELEM | NLA_F_NESTED);
	message_text(&m, NFTA_EXPR_NAME, rest);
	data = message_begin(&m, NFTA_EXPR_DATA | NLA_F_NESTED);
	message_end(&m, data);
	message_end(&m, element);
	message_end(&m, list);
	send_batch(&m);
	return true;
}

bool ask_nft_object(const char *rest)
{
	int type = ask_number(&rest);
	struct message m = { .len = 0 };
	size_t data;

	if (type < 0)
		return false;
	start_batch(&m, NFPROTO_IPV4);
	start(&m, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWOBJ, NFPROTO_IPV4);
	message_text(&m, NFTA_OBJ_TABLE, NAME);
	message_text(&m, NFTA_OBJ_NAME, NAME);
	message_be32(&m, NFTA_OBJ_TYPE, (uint32_t)type);
	data = message_begin(&m, NFTA_OBJ_DATA | NLA_F_NESTED);
	message_end(&m, data);
	send_batch(&m);
	return true;
}
