/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hints: which container a process belongs to where its cgroup does not say: a container without a
 * cgroup of its own (--cgroups=disabled), a parent cgroup that somebody chose, or a cgroup seen
 * from within a cgroup namespace.
 *
 * Two things tell: the files of an engine that are mounted into its containers (resolv.conf lies
 * in a folder that has the id), and the arguments of the engine's monitor, the parent. Pure.
 *
 * As with cgroups, whoever may mount or name a process chooses what these say.
 * Source: mount tables and arguments as measured with docker 20.10, containerd 1.6, podman 4.3;
 * kata-containers 3, firecracker's jailer, lxc 5 as documented.
 */
#ifndef OAK_HOST_HINTS_H
#define OAK_HOST_HINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "host/engines.h"

#define HINT_VM_MAX   16
#define HINT_NAME_MAX 128
#define HINT_ARGV_MAX 65536u

struct hint {
	struct container_ref ref;
	char name[HINT_NAME_MAX]; /* as the monitor was told, raw; "" where it was not */
	char vm[HINT_VM_MAX];     /* "kata", "firecracker": a kernel of its own; else "" */
};

/* @text: /proc/<pid>/mountinfo. */
bool hint_of_mounts(const char *text, struct container_ref *ret);

/* @argv: /proc/<pid>/cmdline, each argument with its NUL; @len as read. */
bool hint_of_argv(const char *argv, size_t len, struct hint *ret);

#endif
