/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tell-reboot: our part in /run/reboot-required and .pkgs, the files by which Debian's packages
 * ask for a reboot (update-notifier, unattended-upgrades, kured, needrestart read them).
 *
 * With "reboot-required = keep", the default, nothing is ever touched. With "clear" a request that
 * came from kernel packages alone is withdrawn once the running kernel is as good: its level is
 * applied, whole and settled, and nothing newer is published. And oakum itself asks, where the
 * repository has no level for this kernel although a newer kernel is installed.
 */
#ifndef OAK_AGENT_TELL_REBOOT_H
#define OAK_AGENT_TELL_REBOOT_H

#include <stdbool.h>

#include "agent/picture.h"

#define REBOOT_PATH          "run/reboot-required"
#define REBOOT_PACKAGES_PATH "run/reboot-required.pkgs"
#define REBOOT_BYTES_MAX     65536

struct reboot_seen {
	bool asked;           /* REBOOT_PATH is there */
	const char *packages; /* text of REBOOT_PACKAGES_PATH; NULL: not there */
	bool newer_kernel;    /* than the running one is installed */
};

enum reboot_deed {
	REBOOT_LEAVE,
	REBOOT_WITHDRAW, /* remove both files */
	REBOOT_ASK,      /* add ourselves */
};

/* The running kernel is as good as the newest one: its level is applied, whole, settled and the newest. */
bool tell_reboot_as_good(const struct picture *p);

enum reboot_deed tell_reboot_decide(const struct picture *p, const struct reboot_seen *seen);

/* Reads, decides and does it. Errors: OAK_E_IO, OAK_E_TOOLARGE. */
int tell_reboot(int root, const struct picture *p, struct oak_error *err) _must_check_;

#endif
