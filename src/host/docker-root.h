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

/* Without its first slash. False where no dockerd runs, or it was not told. */
bool docker_root_of_process(int root, char *ret, size_t size);

#endif
