/* SPDX-License-Identifier: GPL-2.0-or-later */
/* security-priv: what security.c and its parts share. */
#ifndef OAK_HOST_SECURITY_SECURITY_PRIV_H
#define OAK_HOST_SECURITY_SECURITY_PRIV_H

#include "base/buf.h"
#include "host/security/label.h"
#include "host/security/limits.h"
#include "host/security/mounts.h"
#include "host/security/ports.h"
#include "host/security/security.h"
#include "host/security/sockets.h"

struct namespace_ports {
	uint64_t ns;
	struct port_list list;
};

struct security_reader {
	int root;
	int host; /* process 1's root where that may be opened; or @root */
	int proc;
	uint64_t ns[NS_KINDS]; /* of process 1 */
	struct buf mounts_text;
	struct mount_table mounts; /* of process 1 */
	struct engine_sockets sockets;
	struct namespace_ports *ports;
	size_t n_ports;
	struct label_host labels;
	struct limits_memo limits;
	bool has_hidden[2], has_kept[2]; /* files of /proc: see security-mounts.c */
	struct buf text;                 /* for one file after the other */
};

/* What of /proc matters on this kernel. */
void security_read_proc_files(struct security_reader *r);

/* Fills what the mount table tells. @proc: /proc/<pid>. Return: 0 or -ENOMEM. */
int security_read_mounts(const struct security_reader *r, int proc, struct security *s)
	_must_check_;

/* Return: 0 or -ENOMEM. */
int security_read_ports(struct security_reader *r, int proc, struct security *s) _must_check_;

/* From all that has been read. Pure. */
void security_judge(struct security *s);

#endif
