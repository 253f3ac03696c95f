/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * targets: the files that section 3 of the Docker Benchmark, and the rules of section 1, are about;
 * for their checks and for their fixes.
 */
#ifndef OAK_AUDIT_TARGETS_H
#define OAK_AUDIT_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "audit/check.h"
#include "audit/context.h"
#include "audit/docker.h"

enum target_kind {
	TARGET_PATH,
	TARGET_UNIT,   /* of systemd */
	TARGET_OPTION, /* the path that an option names */
	TARGET_SOCKET, /* docker's own */
	TARGET_CERTS,  /* below /etc/docker/certs.d */
	TARGET_DATA_ROOT,
};

struct file_check {
	enum target_kind kind;
	const char *path; /* or the unit's name */
	enum docker_option option;
	unsigned mode;        /* the most; 0: its owner is checked */
	bool group_too;       /* docker's group may own it */
	bool whatever_engine; /* also where docker is not here */
};

#define TARGET_PATH_MAX 800

/* Looks at one path, from the root; false: it is not here. */
typedef bool target_fn(void *ctx, const char *path);

/*
 * Every file that the check is about. @ret_usual: where it would be, "" where there is no one place.
 * False: none of them is here.
 */
bool targets_each(const struct audit_context *ctx, const struct file_check *want, target_fn *fn,
		  void *arg, char ret_usual[TARGET_PATH_MAX]);

/* The files of a check of them; NULL for any other check. */
const struct file_check *file_check_of(const struct audit_check *c);

/* A rootless daemon's files are its user's; its group may own what the check says. */
bool file_check_owner_is_fine(const struct audit_context *ctx, const struct file_check *want,
			      const struct stat *st);

/* What a check of the kernel's audit wants watched; false: it is not here, or another check. */
bool watch_target(const struct audit_context *ctx, const struct audit_check *c,
		  char ret[TARGET_PATH_MAX]);

#endif
