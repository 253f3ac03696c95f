/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child: a process of the same program that does one thing and ends. */
#ifndef OAK_AGENT_CHILD_H
#define OAK_AGENT_CHILD_H

#include <sys/types.h>

/**
 * child_start() - fork, and end with what @body returns as the exit status
 *
 * The child has no signal blocked and none of our handlers' sources; descriptors are ours. Return: its
 * pid, or -errno.
 */
pid_t child_start(int (*body)(void *ctx), void *ctx);

#endif
