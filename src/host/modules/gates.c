/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/gates.h"

#include "host/modules/word.h"

/* The first prefix that fits is the one: special ones stand before general ones. */
static const struct gate_row rows[] = {
	/* __sock_create(), inet_create(), netlink_create(), ctrl_getfamily() */
	{ "generic netlink", "net-pf-16-proto-16-family-", GATE_ANY },
	/* sock_load_diag_module(): only of families and protocols that are registered */
	{ "sock_diag", "net-pf-16-proto-4-type-", GATE_ANY, .registered = true },
	{ "netlink", "net-pf-16-proto-", GATE_ANY },
	{ "AF_ALG", "net-pf-38", GATE_ANY, .default_denies = true },
	{ "AF_VSOCK", "net-pf-40", GATE_ANY, .default_denies = true },
	{ "socket family", "net-pf-", GATE_ANY },
	/* br_ioctl_call(), sock_ioctl(): SIOCGIFBR and SIOCGIFVLAN of any socket */
	{ "socket ioctl", "bridge", GATE_ANY, true, .exact = true },
	{ "socket ioctl", "8021q", GATE_ANY, true, .exact = true },
	/* do_vcc_ioctl(): of an ATM socket */
	{ "socket ioctl", "pppoatm", GATE_ANY, true, .exact = true, .needs = "net-pf-8" },
	{ "socket ioctl", "br2684", GATE_ANY, true, .exact = true, .needs = "net-pf-8" },
	{ "socket ioctl", "mpoa", GATE_ANY, true, .exact = true, .needs = "net-pf-8" },
	{ "socket ioctl", "clip", GATE_ANY, true, .exact = true, .needs = "net-pf-8" },
	{ "socket ioctl", "lec", GATE_ANY, true, .exact = true, .needs = "net-pf-8" },
	/* can_create(), bt_sock_create(), rdma_nl_rcv_msg() */
	{ "socket family", "can-proto-", GATE_ANY, .needs = "net-pf-29" },
	{ "socket family", "bt-proto-", GATE_ANY, .needs = "net-pf-31" },
	{ "netlink", "rdma-netlink-subsys-", GATE_ANY, .needs = "net-pf-16-proto-20" },
	/* alg_get_type(), crypto_larval_lookup() */
	{ "AF_ALG", "algif_", GATE_ANY, true, true, .needs = "net-pf-38" },
	{ "AF_ALG", "crypto-", GATE_ANY, .default_denies = true, .needs = "net-pf-38" },
	/* The same by xfrm_add_sa(), in a network namespace of one's own. */
	{ "xfrm", "crypto-", GATE_USERNS_NET, .needs = "net-pf-16-proto-6" },
	/* tty_ldisc_get() */
	{ "line discipline", "tty-ldisc-", GATE_LDISC },
	/* search_binary_handler() */
	{ "binary format", "binfmt-", GATE_ANY },
	/* chrdev_open(); modes as systemd's rules set them */
	{ "device node", "devname:net/tun", GATE_NODE, .node = "net/tun" },
	{ "device node", "devname:fuse", GATE_NODE, .node = "fuse" },
	{ "device node", "devname:", GATE_INIT_ADMIN },
	{ "device node", "char-major-", GATE_INIT_ADMIN },
	{ "device node", "block-major-", GATE_INIT_ADMIN },
	/* rtnl_newlink(), lwtunnel_valid_encap_type() */
	{ "link", "rtnl-link-", GATE_USERNS_NET },
	{ "link", "rtnl-lwt-", GATE_USERNS_NET },
	{ "link", "rtnl-af-", GATE_USERNS_NET },
	{ "link", "vport-type-", GATE_USERNS_NET, .needs = "net-pf-16-proto-16-family-ovs_vport" },
	{ "link", "net-l2tp-type-", GATE_USERNS_NET, .needs = "net-pf-16-proto-16-family-l2tp" },
	/* qdisc_create(), tcf_proto_lookup_ops(), tc_action_load_ops(), tcf_em_validate() */
	{ "traffic control", "sch_", GATE_USERNS_NET, .by_name = true },
	{ "traffic control", "cls_", GATE_USERNS_NET, .by_name = true },
	{ "traffic control", "act_", GATE_USERNS_NET, .by_name = true },
	{ "traffic control", "ematch-kind-", GATE_USERNS_NET },
	{ "traffic control", "net-sch-", GATE_USERNS_NET },
	{ "traffic control", "net-cls-", GATE_USERNS_NET },
	{ "traffic control", "net-act-", GATE_USERNS_NET },
	/* nfnetlink_rcv_msg(), nft_request_module(), xt_request_find_match(), find_set_type() */
	{ "netfilter", "nfnetlink-subsys-", GATE_USERNS_NET },
	{ "netfilter", "nft-", GATE_USERNS_NET, .needs = "nfnetlink-subsys-10" },
	{ "netfilter", "nf-flowtable-", GATE_USERNS_NET },
	{ "netfilter", "nf-logger-", GATE_USERNS_NET },
	{ "netfilter", "nf_conntrack-", GATE_USERNS_NET },
	{ "netfilter", "nfct-", GATE_USERNS_NET },
	{ "netfilter", "ip_set_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ipt_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ip6t_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "arpt_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ebt_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "xt_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "iptable_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ip6table_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "arptable_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ebtable_", GATE_USERNS_NET, .by_name = true },
	{ "netfilter", "ip_vs_", GATE_USERNS_NET, .by_name = true,
	  .needs = "net-pf-16-proto-16-family-IPVS" },
	/* xfrm_get_type() */
	{ "xfrm", "xfrm-", GATE_USERNS_NET, .needs = "net-pf-16-proto-6" },
	/* get_fs_type(), before the mount is refused; load_nls() by a mount's options */
	{ "file system", "fs-", GATE_USERNS_ADMIN },
	{ "file system", "nls_", GATE_USERNS_ADMIN, .by_name = true },
	/* tcp_ca_find_autoload(), tcp_ulp_find_autoload(), dev_load(), team_mode_get() */
	{ "host network", "tcp_", GATE_INIT_NET, .by_name = true },
	{ "host network", "tcp-ulp-", GATE_INIT_NET },
	{ "host network", "netdev-", GATE_INIT_NET },
	{ "host network", "team-mode-", GATE_INIT_NET },
	{ "storage", "dm-", GATE_INIT_ADMIN },
	{ "storage", "md-", GATE_INIT_ADMIN },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(N_ROWS <= GATES_MAX, "a set of rows is a mask");

const struct gate_row *gate_rows(size_t *ret_n)
{
	*ret_n = N_ROWS;
	return rows;
}

uint64_t gates_of_alias(const char *alias)
{
	const char *prefix = NULL;
	uint64_t mask = 0;

	for (size_t i = 0; i < N_ROWS; i++) {
		if (!prefix && (rows[i].exact ? alias_equal(alias, rows[i].prefix)
					      : alias_starts(alias, rows[i].prefix)))
			prefix = rows[i].prefix;
		if (prefix && alias_equal(prefix, rows[i].prefix))
			mask |= (uint64_t)1 << i;
	}
	return mask;
}

uint64_t gates_of_name(const char *module)
{
	uint64_t mask = gates_of_alias(module);

	for (size_t i = 0; i < N_ROWS; i++)
		if (!rows[i].by_name)
			mask &= ~((uint64_t)1 << i);
	return mask;
}

const char *gate_name(enum gate g)
{
	static const char *const names[] = {
		[GATE_ANY] = "any",
		[GATE_LDISC] = "ldisc",
		[GATE_NODE] = "node",
		[GATE_USERNS_NET] = "userns-net",
		[GATE_USERNS_ADMIN] = "userns-admin",
		[GATE_INIT_NET] = "init-net",
		[GATE_INIT_ADMIN] = "init-admin",
	};

	return names[g];
}
