/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container: the containers that share this kernel, found from /proc, named from files.
 *
 * Which process belongs to which: host/belongs.h. Not found: a container of an engine that we do
 * not know, that uses no cgroup and shares the host's pid namespace.
 *
 * Virtual machines of container engines (kata, firecracker) are listed by their monitors, with
 * @vm: they have kernels of their own, and what runs in them is not seen.
 * Source: namespaces(7), proc_pid_mountinfo(5); measured with docker, containerd, podman, runc, crun.
 */
#ifndef OAK_HOST_CONTAINER_H
#define OAK_HOST_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/engines.h"
#include "host/hints.h"
#include "host/published.h"

#define CONTAINER_TEXT_MAX 256
#define CONTAINER_UNKNOWN  "unknown"
#define CONTAINERS_MAX     65536u

/* Texts are safe for a terminal, and "" where no file of the engine tells. */
struct container {
	char engine[CONTAINER_ENGINE_MAX]; /* "docker", ..., "unknown" */
	char id[CONTAINER_ID_MAX];         /* of an unknown one: "pid-<namespace>" */
	char name[CONTAINER_TEXT_MAX];
	char image[CONTAINER_TEXT_MAX];
	char pod[CONTAINER_TEXT_MAX];
	char pod_namespace[CONTAINER_TEXT_MAX];
	char pod_uid[CONTAINER_POD_UID_MAX]; /* of its cgroup: also where no file names the pod */
	pid_t init;                          /* its process 1, or the first that was seen */
	size_t tasks;                        /* threads */
	size_t processes;
	size_t n_real_root;  /* processes that are root of the host */
	size_t n_unfiltered; /* without a seccomp filter */
	uint64_t caps_any;   /* that any of its processes has */
	struct published published;
	bool is_pause;        /* it holds the namespaces of a pod, nothing else */
	char vm[HINT_VM_MAX]; /* "kata", "firecracker": it has a kernel of its own; else "" */
};

struct container_list {
	struct container *containers; /* by the pid of their first process */
	size_t n;
};

/**
 * container_list_read() - all containers, with names, images and pods
 *
 * Processes that end meanwhile are left out. Errors: OAK_E_IO (no /proc), OAK_E_NOMEM,
 * OAK_E_TOOLARGE (more than CONTAINERS_MAX).
 */
int container_list_read(int root, struct container_list *ret, struct oak_error *err) _must_check_;

void container_list_free(struct container_list *l); /* also the guard */

/* How many share this kernel, without their names: cheaper. The same errors. */
int container_count(int root, size_t *ret, struct oak_error *err) _must_check_;

/*
 * One process after the other, for those who look at some processes only. Containers are known
 * by an index that does not change.
 */
struct container_finder;

int container_finder_open(int root, struct container_finder **ret, struct oak_error *err)
	_must_check_;
void container_finder_close(struct container_finder *f);
void container_finder_closep(struct container_finder **f); /* the guard */

#define CONTAINER_NONE ((size_t)-1) /* a process of the host, or one that has ended */

/* The index of the container that @pid is in, or CONTAINER_NONE. Errors: as above. */
int container_find(struct container_finder *f, pid_t pid, size_t *ret, struct oak_error *err)
	_must_check_;

/* Borrowed until the next container_find(); without names unless container_name() was called. */
const struct container *container_at(const struct container_finder *f, size_t index);

/* Reads the engine's files, once. */
void container_name(struct container_finder *f, size_t index);

/*
 * "podman container web (image docker.io/library/nginx:1.25)", "containerd container app of pod
 * prod/web-0 (image ...)"; the short id where there is no name. Never more than @size bytes.
 */
void container_text(const struct container *c, char *ret, size_t size);

#endif
