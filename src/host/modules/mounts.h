/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts: the lines of /proc/<pid>/mountinfo, as far as modules are concerned.
 *
 * "36 35 98:0 /root /point options [optional...] - type source options". Pure; a line that is
 * something else is passed over. Source: proc_pid_mountinfo(5).
 */
#ifndef OAK_HOST_MODULES_MOUNTS_H
#define OAK_HOST_MODULES_MOUNTS_H

#include "host/modules/word.h"

/* Borrowed; spaces in them are still "\040". */
struct mount {
	struct word device; /* "254:1" */
	struct word root;   /* "/", or "net:[4026532500]" */
	struct word point;
	struct word type; /* without the part behind a dot: "fuse.sshfs" is "fuse" */
	struct word source;
};

/* The next mount of *@text, which then points behind it; false after the last. */
bool mount_next(const char **text, struct mount *ret);

#endif
