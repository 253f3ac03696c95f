/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docker-root: where the running dockerd keeps its containers, as its arguments say.
 *
 * Only a process of root counts: a user may call a program of hers like that.
 */
#ifndef OAK_HOST_DOCKER_ROOT_H
#define OAK_HOST_DOCKER_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DOCKER_DAEMON "dockerd" /* as the kernel calls its process */

/* Without its first slash. False where no dockerd runs, or it was not told. */
bool docker_root_of_process(int root, char *ret, size_t size);

/* The same of one process that is known to be called so. */
bool docker_root_of_pid(int root, pid_t pid, char *ret, size_t size);

/*
 * With userns-remap all lies one folder deeper, in "<uid>.<gid>" of the first mapped user. The
 * newest of those below @base that has @below ("containers"); false where there is none.
 * Source: moby daemon/daemon_unix.go, setupDaemonRoot().
 */
bool docker_root_remapped(int root, const char *base, const char *below, char *ret, size_t size);

#endif
