/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockets: the control sockets of the engines of this host. Who may write to one is root of the
 * host: it starts a privileged container.
 *
 * Those at their usual places, and those that /proc/net/unix has at others under a usual name.
 * Each is known by its path and by device and inode, so that a container that has it under another
 * name is found out.
 */
#ifndef OAK_HOST_SECURITY_SOCKETS_H
#define OAK_HOST_SECURITY_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "host/security/mounts.h"

#define SOCKETS_MAX 64

struct engine_socket {
	char path[128];  /* on the host, "/run/docker.sock" */
	uint64_t device; /* of the mount it lies on, as in struct mount; 0: not known */
	dev_t dev;
	ino_t ino;
};

struct engine_sockets {
	struct engine_socket at[SOCKETS_MAX];
	size_t n;
};

/* Pure: is it called as an engine calls its socket ("docker.sock")? */
bool socket_is_engines(const char *path);

/* Pure: the paths of @text, as /proc/net/unix has them, that are engines'; @visit is shown each. */
void sockets_of_net_unix(const char *text, void (*visit)(const char *path, void *arg), void *arg);

/* @host: the host's root; @mounts: of process 1. */
void sockets_read(int root, int host, const struct mount_table *mounts, struct engine_sockets *ret);

#endif
