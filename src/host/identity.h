/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity: which kernel this machine runs at this moment, and what it lets us do.
 *
 * Everything is read anew from /sys and /proc below @root; nothing is remembered.
 */
#ifndef OAK_HOST_IDENTITY_H
#define OAK_HOST_IDENTITY_H

#include <stdbool.h>

#include "base/error.h"
#include "host/notes.h"

enum lockdown {
	LOCKDOWN_NONE, /* also where the kernel has no lockdown at all */
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
};

struct identity {
	char build_id[BUILD_ID_HEX_MAX]; /* "" where the kernel does not tell one */
	char release[65];                /* as uname -r, for people */
	char boot_id[40];                /* "" where unknown */
	bool livepatch;                  /* /sys/kernel/livepatch exists */
	enum lockdown lockdown;
	bool sig_enforce;      /* only signed modules are loaded */
	bool modules_disabled; /* no module is loaded until the next boot */
};

/* Errors: OAK_E_FORMAT where /sys/kernel/notes is malformed. What is missing stays empty. */
int identity_read(int root, struct identity *ret, struct oak_error *err) _must_check_;

/* "none", "integrity", "confidentiality" */
const char *lockdown_name(enum lockdown l);

/* The machine as in paths of a repository: "x86_64". */
const char *identity_arch(void);

#endif
