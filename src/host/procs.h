/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procs: walking the processes of /proc and the threads of one. */
#ifndef OAK_HOST_PROCS_H
#define OAK_HOST_PROCS_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#define PROCS_NAME_MAX 16

/* A directory to walk, or NULL with errno; guard it with _cleanup_(closedirp). */
DIR *procs_open(int dirfd, const char *path);

/* The next entry that is a process or thread id, in ascending order; false after the last. */
bool procs_next(DIR *d, char ret_name[PROCS_NAME_MAX], pid_t *ret);

#endif
