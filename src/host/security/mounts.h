/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts: the mount table of one process, /proc/<pid>/mountinfo.
 *
 * A mount shows a part (@root) of a file system (@device) at a place (@point). Two processes whose
 * mounts have the same device see the same files, whatever the places are called; that is how
 * parts of the host are found in a container. Points are as the process sees them.
 * Pure. Source: proc_pid_mountinfo(5).
 */
#ifndef OAK_HOST_SECURITY_MOUNTS_H
#define OAK_HOST_SECURITY_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/security/kinds.h"

#define MOUNTS_TEXT_MAX (8u << 20) /* a host of many containers has thousands */
#define MOUNTS_MAX      65536u     /* more are not seen; the kernel's own limit is 100,000 */

struct mount {
	uint64_t device;   /* major << 32 | minor */
	const char *root;  /* "/etc"; texts lie in the text that was parsed */
	const char *point; /* "/host/etc" */
	const char *type;  /* "ext4" */
	bool read_only;    /* the mount or its file system */
	enum propagation propagation;
};

struct mount_table {
	struct mount *mounts; /* in the file's order: later ones hide earlier ones */
	size_t n;
	uint32_t *by_device; /* indexes, sorted by device, then as in the file */
};

/**
 * mounts_parse() - a mount table
 * @text: changed: texts are ended and their octal escapes undone in place; it must outlive @ret
 *
 * Lines that are malformed are left out. Return: 0 or -ENOMEM.
 */
int mounts_parse(char *text, struct mount_table *ret) _must_check_;
void mounts_free(struct mount_table *t); /* also the guard */

/* The last mount at exactly this point, or NULL. */
const struct mount *mounts_at(const struct mount_table *t, const char *point);

/* The mount that a path lies on, or NULL. */
const struct mount *mounts_of_path(const struct mount_table *t, const char *path);

/* The first in by_device of that device; @ret_n: how many there are. */
const uint32_t *mounts_of_device(const struct mount_table *t, uint64_t device, size_t *ret_n);

/* What follows the folder @dir in @path: "" for itself, "/a"; NULL where it is not below. */
const char *path_below(const char *path, const char *dir);

#endif
