/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows: the words in which the table-*.c are written. */
#ifndef OAK_HOST_ACCESS_ROWS_H
#define OAK_HOST_ACCESS_ROWS_H

#include <linux/capability.h>
#include <sys/socket.h>

#include "host/access/table.h"

#define UNSURE  ACCESS_UNSURE
#define LIKELY  ACCESS_LIKELY
#define CERTAIN ACCESS_CERTAIN

/* One way: up to three needs. */
#define WAY(...)                    \
	{                           \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

#define ANY                      \
	{                        \
		.kind = NEED_ANY \
	}
#define CALL(c)                                  \
	{                                        \
		.kind = NEED_CALL, .n = CALL_##c \
	}
#define SOCKET(f)                             \
	{                                     \
		.kind = NEED_SOCKET, .n = (f) \
	}
#define HOST_NET                      \
	{                             \
		.kind = NEED_HOST_NET \
	}
#define NET_CAP(c)                             \
	{                                      \
		.kind = NEED_NET_CAP, .n = (c) \
	}
#define USERNS_CAP(c)                             \
	{                                         \
		.kind = NEED_USERNS_CAP, .n = (c) \
	}
#define HOST_CAP(c)                             \
	{                                       \
		.kind = NEED_HOST_CAP, .n = (c) \
	}
#define DEVICE(d)                                \
	{                                        \
		.kind = NEED_DEVICE, .text = (d) \
	}
#define BPF                      \
	{                        \
		.kind = NEED_BPF \
	}
#define PERF                      \
	{                         \
		.kind = NEED_PERF \
	}
#define URING                      \
	{                          \
		.kind = NEED_URING \
	}
#define MOUNTED(t)                                \
	{                                         \
		.kind = NEED_MOUNTED, .text = (t) \
	}
#define MOUNT_USERNS                      \
	{                                 \
		.kind = NEED_MOUNT_USERNS \
	}
#define MOUNT_HOST                      \
	{                               \
		.kind = NEED_MOUNT_HOST \
	}
#define MOUNT_BLOCK                             \
	{                                       \
		.kind = NEED_MOUNT_HOST, .n = 1 \
	}
#define BOUND                      \
	{                          \
		.kind = NEED_BOUND \
	}
#define TRAFFIC                      \
	{                            \
		.kind = NEED_TRAFFIC \
	}
#define SERVER(p)                             \
	{                                     \
		.kind = NEED_SERVER, .n = (p) \
	}
#define PATH(p)                                     \
	{                                           \
		.kind = NEED_PATH, .text = "sys/" p \
	}
#define BLOCK(b)                                \
	{                                       \
		.kind = NEED_BLOCK, .text = (b) \
	}
#define LSM(l)                                \
	{                                     \
		.kind = NEED_LSM, .text = (l) \
	}
#define MAYBE                      \
	{                          \
		.kind = NEED_MAYBE \
	}
#define NOBODY                      \
	{                           \
		.kind = NEED_NOBODY \
	}

#define ROW(path_, what_, yes_, no_, ...)                                     \
	{                                                                     \
		.path = (path_), .what = (what_), .yes = (yes_), .no = (no_), \
		.any = { __VA_ARGS__ }                                        \
	}

/* What root of a network namespace sets up, and packets of others may then pass. */
#define NETDEV(path_, what_) \
	ROW(path_, what_, LIKELY, LIKELY, WAY(NET_CAP(CAP_NET_ADMIN)), WAY(TRAFFIC))
/* What only setting up reaches. */
#define NETCONF(path_, what_) ROW(path_, what_, LIKELY, LIKELY, WAY(NET_CAP(CAP_NET_ADMIN)))
/* A driver of hardware. */
#define HARDWARE(path_, what_) ROW(path_, what_, UNSURE, LIKELY, WAY(BOUND, MAYBE))
#define HARDWARE_NODE(path_, what_, node_) \
	ROW(path_, what_, LIKELY, LIKELY, WAY(BOUND, DEVICE(node_)))
/* What nobody knows. */
#define OPEN(path_, what_) ROW(path_, what_, UNSURE, UNSURE, WAY(MAYBE))

#define PART(name_) const struct access_part name_ = { rows, sizeof(rows) / sizeof(rows[0]) }

#endif
