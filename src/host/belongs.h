/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * belongs: which container a process belongs to.
 *
 * Namespaces decide first: a process in the host's mount namespace is in no container, whatever its
 * cgroup is called. Then its cgroup says which (host/engines.h), else what its engine has mounted
 * into it, what the state of a runtime says of its process 1, or what its monitor was started with
 * (host/hints.h). Where nothing does, a process with mount and pid namespaces and a root of its own
 * is in a container of an unknown engine. A service of systemd with private mounts keeps the pid
 * namespace of the host, so it is in none.
 *
 * A monitor of virtual machines is in a container that has a kernel of its own.
 */
#ifndef OAK_HOST_BELONGS_H
#define OAK_HOST_BELONGS_H

#include "host/evidence.h"
#include "host/hints.h"

#define BELONGS_MOUNT_MAX 512

struct belongs {
	int root;
	int proc;
	uint64_t mnt, pid; /* namespaces of the host; 0 where not known: then none is unknown */
	char root_mount[BELONGS_MOUNT_MAX]; /* on "/" of process 1; "" not known: the same */
	struct evidence evidence[2]; /* below @root; and below process 1's root, where that differs */
	size_t n_evidence;
};

enum belongs_to {
	BELONGS_HOST,
	BELONGS_CONTAINER, /* @ret->ref is sure */
	BELONGS_UNKNOWN,   /* in a container, but whose? */
};

struct belonging {
	struct container_ref ref; /* of an unknown one "unknown" and "pid-<namespace>" */
	uint64_t mnt;             /* its mount namespace; 0: not read */
	char vm[HINT_VM_MAX];
	char name[HINT_NAME_MAX]; /* raw */
};

/* Errors: OAK_E_IO (no /proc). */
int belongs_open(int root, struct belongs *ret, struct oak_error *err) _must_check_;
void belongs_close(struct belongs *b);

enum belongs_to belongs_of(struct belongs *b, pid_t pid, struct belonging *ret);

#endif
