/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits: what the cgroups of a process allow it, and which devices.
 *
 * A cgroup's limit holds for all below it, so each is the least from the process' own cgroup up.
 * Source: cgroup-v2.rst, cgroup-v1/{memory,devices}.rst, sched-bwc.rst.
 */
#ifndef OAK_HOST_SECURITY_LIMITS_H
#define OAK_HOST_SECURITY_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/security/kinds.h"

#define CGROUP_PATH_MAX 4096

struct limits {
	uint64_t memory_max_bytes, pids_max; /* LIMIT_NONE, LIMIT_UNKNOWN */
	uint64_t cpu_quota_us, cpu_period_us;
	enum fact devices_all;
};

/* What a line of /proc/<pid>/cgroup says of a controller; "" is version 2. Pure. */
bool cgroup_path(const char *text, const char *controller, char *ret, size_t size);

/* "max", "-1" (LIMIT_NONE) or a number; LIMIT_UNKNOWN for anything else. Pure. */
uint64_t limit_parse(const char *text);

/* "max 100000", "50000 100000". Pure; false where malformed. */
bool limit_parse_cpu(const char *text, uint64_t *ret_quota_us, uint64_t *ret_period_us);

/* devices.list: does a line allow all of them? Pure. */
bool devices_are_all(const char *text);

/*
 * What the last cgroup said, and those above it: most containers have the same parent, and where a
 * controller is not used for containers all of them are in one cgroup.
 */
#define LIMITS_CONTROLLERS 3
struct limits_cgroup {
	bool known;
	char path[CGROUP_PATH_MAX];
	struct limits l;
};
struct limits_memo {
	const char *unified; /* where version 2 is: alone, or beside version 1 */
	struct limits_cgroup own[LIMITS_CONTROLLERS], above[LIMITS_CONTROLLERS];
	char devices[CGROUP_PATH_MAX]; /* "" none yet */
	bool has_devices;              /* of version 2, whose first path may be "" */
	enum fact devices_all;
};
void limits_memo_init(int root, struct limits_memo *ret);

/* @cgroup: /proc/<pid>/cgroup; @root: the host's, for sys/fs/cgroup. */
void limits_read(int root, const char *cgroup, struct limits_memo *memo, struct limits *ret);

#endif
