/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc-status: /proc/<pid>/status and /proc/<pid>/uid_map, as far as security goes. Pure.
 *
 * The kernel escapes newlines of a command's name, so a name cannot pass for another line.
 * Source: proc_pid_status(5), user_namespaces(7).
 */
#ifndef OAK_HOST_SECURITY_PROC_STATUS_H
#define OAK_HOST_SECURITY_PROC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/security/caps.h"
#include "host/security/kinds.h"

#define PROC_STATUS_MAX  (1u << 20) /* a process may be in 65536 groups */
#define PROC_GROUPS_MAX  256u
#define PROC_UID_MAP_MAX 32768u /* 340 ranges */

struct proc_status {
	char command[17]; /* safe for a terminal */
	uint32_t parent;  /* 0: none, or one that we do not see */
	uint32_t inner;   /* its pid in its own pid namespace; 0 where the kernel does not tell */
	bool is_inner;    /* that namespace is below ours */
	uint32_t uid[4], gid[4];
	uint32_t groups[PROC_GROUPS_MAX];
	size_t n_groups;
	uint32_t threads; /* 0 where it does not tell */
	struct cap_sets caps;
	enum seccomp_mode seccomp;
	uint32_t seccomp_filters;
	enum fact no_new_privs;
};

/* False where users or capabilities are missing or malformed: then it is none of the kernel's. */
bool proc_status_parse(const char *text, struct proc_status *ret);

struct id_map {
	uint32_t root; /* what 0 is on the host; UINT32_MAX: nothing */
	bool identity; /* "0 0 4294967295" */
};

/* False where a line is malformed; an empty map maps nothing. */
bool id_map_parse(const char *text, struct id_map *ret);

#endif
