/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * programs: which programs of container engines run on this host, by the file that a process
 * executes (/proc/<pid>/exe), never by what a command line contains: "vi dockerd.log" is none.
 *
 * A file that was replaced or removed while it runs is "(deleted)": what runs is older than what is
 * installed. Processes in a pid namespace of their own are those of containers, and left out.
 */
#ifndef OAK_AUDIT_PROGRAMS_H
#define OAK_AUDIT_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define PROGRAM_PATH_MAX 256
#define PROGRAMS_MAX     256u

struct program_found {
	char name[32];               /* "dockerd": the last component */
	char path[PROGRAM_PATH_MAX]; /* "/usr/bin/dockerd" */
	bool deleted;
	pid_t pid;              /* the first of them; 0: installed, and does not run */
	uint32_t euid;          /* of that */
	size_t n;               /* how many processes run it */
	uint64_t device, inode; /* 0 where the file is not there */
};

struct programs {
	struct program_found *v;
	size_t n;
};

/*
 * Those that run, one row a file, and those that are installed in the usual places and do not.
 * @names ends with NULL. Errors: OAK_E_NOMEM. What cannot be read is left out.
 */
int programs_read(int root, const char *const *names, struct programs *ret, struct oak_error *err)
	_must_check_;
void programs_free(struct programs *p); /* also the guard */

/* The one that runs, as root if there is such a one; else NULL. */
const struct program_found *programs_running(const struct programs *p, const char *name);

#endif
