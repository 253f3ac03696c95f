/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * need: what it takes to get to a part of the kernel, and whether one process, or one container,
 * has it.
 *
 * An answer is yes, no or unknown, with how sure that is. Unknown is always allowed; yes and no
 * rest on something that was read: capabilities, namespaces, the content of the seccomp profile as
 * the runtime was given it, device nodes, mounts, sysctls. Where only the existence of a filter is
 * known, what it would deny by docker's default is unknown, what it would allow is likely.
 *
 * Pure. Source: capabilities(7), user_namespaces(7), socket(2), bpf(2), perf_event_open(2); the
 * create functions of the socket families in 6.1; tried in containers by tests/cli/reach.test.sh.
 */
#ifndef OAK_HOST_ACCESS_NEED_H
#define OAK_HOST_ACCESS_NEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "host/access/ability.h"

enum access_answer {
	ACCESS_NO,
	ACCESS_UNKNOWN,
	ACCESS_YES,
};

enum access_sure {
	ACCESS_UNSURE,
	ACCESS_LIKELY,
	ACCESS_CERTAIN,
};

struct access {
	enum access_answer answer;
	enum access_sure sure;
};

enum need_kind {
	NEED_END,
	NEED_ANY,          /* any process has it */
	NEED_CALL,         /* a system call: n is of enum access_call */
	NEED_SOCKET,       /* socket(2) of family n */
	NEED_HOST_NET,     /* the first network namespace: families that know no other */
	NEED_NET_CAP,      /* capability n over a network namespace: its own, or a new one */
	NEED_USERNS_CAP,   /* capability n in a user namespace: its own, or a new one */
	NEED_HOST_CAP,     /* capability n in the first user namespace */
	NEED_DEVICE,       /* a device node, text below /dev */
	NEED_BPF,          /* bpf(2) */
	NEED_PERF,         /* perf_event_open(2) */
	NEED_URING,        /* io_uring_setup(2) */
	NEED_MOUNTED,      /* sees a mount of type text */
	NEED_MOUNT_USERNS, /* may mount what a user namespace may */
	NEED_MOUNT_HOST,   /* may mount anything; n: for which it needs a block device as well */
	NEED_BOUND,        /* a device is bound to the driver */
	NEED_TRAFFIC,      /* packets: unknown for who has a network, no for who has none */
	NEED_SERVER,       /* the host listens on TCP port n */
	NEED_PATH,         /* folder text has entries: the host has such devices */
	NEED_BLOCK,        /* a block device whose name begins with text */
	NEED_LSM,          /* this security module is active */
	NEED_MAYBE,        /* nobody knows: always unknown */
	NEED_NOBODY,       /* nothing that a process does: always no */
};

struct need {
	enum need_kind kind;
	unsigned n;
	const char *text;
};

/* Where a need is asked: @bound is of the driver that the file is part of. */
struct need_at {
	const struct access_host *host;
	const struct access_ability *ability;
	enum fact bound;
	struct buf *why; /* a sentence is added; NULL: none is wanted */
};

struct access need_has(const struct need_at *at, const struct need *need);

/* Of things that are all needed, and of which one is enough. */
struct access access_all(struct access a, struct access b);
struct access access_any(struct access a, struct access b);

/* "socket(AF_CAN)", "CAP_NET_ADMIN over its network namespace": for documents. 0 or -ENOMEM. */
int need_text(const struct need *need, struct buf *ret) _must_check_;

/* "no", "unknown", "yes"; "unsure", "likely", "certain" */
const char *access_answer_name(enum access_answer a);
const char *access_sure_name(enum access_sure s);

/* "AF_CAN" of 29, or NULL. */
const char *family_name(unsigned family);

#endif
