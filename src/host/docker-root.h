/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docker-root: where daemons of docker keep their containers.
 *
 * A host may have several: a daemon's arguments say where, else its settings. One that maps users
 * (--userns-remap) keeps all in a folder of its root that is called UID.GID. Only a process of root
 * counts: a user may call a program of hers like that.
 */
#ifndef OAK_HOST_DOCKER_ROOT_H
#define OAK_HOST_DOCKER_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DOCKER_DAEMON      "dockerd" /* as the kernel calls its process */
#define DOCKER_DAEMONS_MAX 8
#define DOCKER_ROOTS_MAX   16u /* more are not looked at */
#define DOCKER_ROOT_MAX    256u

struct docker_roots {
	char dirs[DOCKER_ROOTS_MAX][DOCKER_ROOT_MAX]; /* "var/lib/docker": without the first slash */
	size_t n;
};

/* Processes that are called so: whoever walks through all of them has seen them anyway. */
struct docker_daemons {
	pid_t pids[DOCKER_DAEMONS_MAX];
	size_t n;
};

/**
 * docker_roots_read() - those of the daemons that run, and of one that may
 * @settings: what the settings of a daemon without such an argument say, "/data/docker"; NULL: nothing
 * @daemons:  NULL: they are looked for
 */
void docker_roots_read(int root, const char *settings, const struct docker_daemons *daemons,
		       struct docker_roots *ret);

/* Where this container lies: "var/lib/docker/containers/ID". False: nowhere. */
bool docker_roots_find(const struct docker_roots *roots, int root, const char *id, char *ret,
		       size_t size);

/*
 * The folder of a root with mapped users, "<uid>.<gid>" of the first one. The newest of those below
 * @base that has @below ("containers"); false where there is none.
 * Source: moby daemon/daemon_unix.go, setupDaemonRoot().
 */
bool docker_root_remapped(int root, const char *base, const char *below, char *ret, size_t size);

#endif
