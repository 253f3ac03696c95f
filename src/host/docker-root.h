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

#define DOCKER_ROOTS_MAX 16u /* more are not looked at */
#define DOCKER_ROOT_MAX  256u

struct docker_roots {
	char dirs[DOCKER_ROOTS_MAX][DOCKER_ROOT_MAX]; /* "var/lib/docker": without the first slash */
	size_t n;
};

/* @settings: what the settings of a daemon without such an argument say, "/data/docker", or NULL. */
void docker_roots_read(int root, const char *settings, struct docker_roots *ret);

/* Where this container lies: "var/lib/docker/containers/ID". False: nowhere. */
bool docker_roots_find(const struct docker_roots *roots, int root, const char *id, char *ret,
		       size_t size);

/* The folder of a root with mapped users, "UID.GID"; false where there is none, or more than one. */
bool docker_root_mapped(int root, const char *dir, char *ret, size_t size);

#endif
