/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * label: what AppArmor, SELinux or Smack call a process, and whether that confines it.
 *
 * Source: apparmor(7), /proc/<pid>/attr; selinux(8); runc measured: reading gives EINVAL where no
 * such LSM is active.
 */
#ifndef OAK_HOST_SECURITY_LABEL_H
#define OAK_HOST_SECURITY_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#include "host/security/kinds.h"

#define LABEL_TEXT_MAX 1024

struct label {
	char lsm[16];
	char text[128]; /* safe for a terminal */
	enum fact confined;
	bool unread;
};

/*
 * Pure. @lsm: who wrote it; @enforcing: SELinux does, AppArmor says so in the text.
 * "unconfined", "docker-default (complain)", "...:spc_t:s0" do not confine.
 */
enum fact label_confines(const char *lsm, const char *text, bool enforcing);

/* What is of the host: who labels, and whether SELinux holds to it. */
struct label_host {
	char lsm[16]; /* "" where nobody does, or nothing tells who */
	bool nobody;  /* it is told that nobody does */
	bool enforcing;
};
void label_host_read(int root, struct label_host *ret);

/* @proc: /proc/<pid>. That the kernel labels nobody may be seen here first: @h learns it. */
void label_read(struct label_host *h, int proc, struct label *ret);

#endif
