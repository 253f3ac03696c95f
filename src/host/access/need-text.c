/* SPDX-License-Identifier: GPL-2.0-or-later */
/* need-text: needs and answers in words. */
#include "host/access/need.h"
#include "host/security/caps.h"

const char *access_answer_name(enum access_answer a)
{
	static const char *const names[] = { "no", "unknown", "yes" };

	return names[a];
}

const char *access_sure_name(enum access_sure s)
{
	static const char *const names[] = { "unsure", "likely", "certain" };

	return names[s];
}

static const char *const families[FAMILIES] = {
	[1] = "AF_UNIX",      [2] = "AF_INET",        [3] = "AF_AX25",       [4] = "AF_IPX",
	[5] = "AF_APPLETALK", [6] = "AF_NETROM",      [8] = "AF_ATMPVC",     [9] = "AF_X25",
	[10] = "AF_INET6",    [11] = "AF_ROSE",       [12] = "AF_DECNET",    [15] = "AF_KEY",
	[16] = "AF_NETLINK",  [17] = "AF_PACKET",     [20] = "AF_ATMSVC",    [21] = "AF_RDS",
	[24] = "AF_PPPOX",    [26] = "AF_LLC",        [27] = "AF_IB",        [28] = "AF_MPLS",
	[29] = "AF_CAN",      [30] = "AF_TIPC",       [31] = "AF_BLUETOOTH", [33] = "AF_RXRPC",
	[35] = "AF_PHONET",   [36] = "AF_IEEE802154", [37] = "AF_CAIF",      [38] = "AF_ALG",
	[39] = "AF_NFC",      [40] = "AF_VSOCK",      [41] = "AF_KCM",       [42] = "AF_QIPCRTR",
	[43] = "AF_SMC",      [44] = "AF_XDP",        [45] = "AF_MCTP",
};

const char *family_name(unsigned family)
{
	return family < FAMILIES ? families[family] : NULL;
}

int need_text(const struct need *need, struct buf *ret)
{
	switch (need->kind) {
	case NEED_ANY:
		return buf_add_str(ret, "any process");
	case NEED_CALL:
		return buf_printf(ret, "%s(2)", call_name((enum access_call)need->n));
	case NEED_SOCKET:
		return buf_printf(ret, "socket(%s)", families[need->n]);
	case NEED_HOST_NET:
		return buf_add_str(ret, "the host's network namespace");
	case NEED_NET_CAP:
		return buf_printf(ret, "CAP_%s over a network namespace", cap_name(need->n));
	case NEED_USERNS_CAP:
		return buf_printf(ret, "CAP_%s in a user namespace", cap_name(need->n));
	case NEED_HOST_CAP:
		return buf_printf(ret, "CAP_%s on the host", cap_name(need->n));
	case NEED_DEVICE:
		return buf_printf(ret, "/dev/%s", need->text);
	case NEED_BPF:
		return buf_add_str(ret, "bpf(2)");
	case NEED_PERF:
		return buf_add_str(ret, "perf_event_open(2)");
	case NEED_URING:
		return buf_add_str(ret, "io_uring_setup(2)");
	case NEED_MOUNTED:
		return buf_printf(ret, "a mounted %s", need->text);
	case NEED_MOUNT_USERNS:
		return buf_add_str(ret, "mount(2) in a user namespace");
	case NEED_MOUNT_HOST:
		return buf_printf(ret, "mount(2) on the host%s",
				  need->n ? " and a block device" : "");
	case NEED_BOUND:
		return buf_add_str(ret, "a device bound to the driver");
	case NEED_TRAFFIC:
		return buf_add_str(ret, "packets (unknown)");
	case NEED_SERVER:
		return buf_printf(ret, "a server on port %u", need->n);
	case NEED_PATH:
		return buf_printf(ret, "something in /%s", need->text);
	case NEED_BLOCK:
		return buf_printf(ret, "a block device %s*", need->text);
	case NEED_LSM:
		return buf_printf(ret, "%s active", need->text);
	case NEED_NOBODY:
		return buf_add_str(ret, "nothing that a process does");
	case NEED_MAYBE:
	case NEED_END:
	default:
		return buf_add_str(ret, "unknown");
	}
}
