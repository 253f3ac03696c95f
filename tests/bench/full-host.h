/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * full-host: many real containers, for measurements
 *
 * Each is made by clone() in namespaces of its own, in a cgroup that is called as docker or podman
 * call theirs. Beside them stands a tree, to be read as the root: links to this machine's own /proc
 * and what else is named, and the files of the engines, which nobody's daemon sees.
 */
#ifndef OAK_FULL_HOST_H
#define OAK_FULL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define FULL_HOST_ID_MAX 65

struct full_host {
	/* Said by the caller. */
	const char *name; /* of the measurement */
	unsigned containers;
	bool with_podman;         /* every other one is podman's, else all are docker's */
	unsigned long namespaces; /* flags of clone() */
	unsigned processes;       /* of a container, each of which calls full_host_live() */
	const char *const *links; /* folders of the machine in the tree; ends with NULL */
	const void *what;         /* @be_init's own */
	/* In process 1 of container @i, in its cgroup; ends with full_host_live(). */
	void (*be_init)(const struct full_host *h, unsigned i);
	/* Ours. */
	char tree[64];
	char cgroup[128]; /* of ours, below which the containers' are */
	int root;         /* of the tree, or -1 */
	int ready[2];     /* a byte for each process that lives */
	pid_t *inits;
	unsigned n_inits;
};

/* Makes the tree and the cgroup; full_host_close() in any case. */
int full_host_open(struct full_host *h, struct oak_error *err) _must_check_;

/* Starts containers until there are @n, and waits until all their processes live. */
int full_host_start(struct full_host *h, unsigned n, struct oak_error *err) _must_check_;

/* A file below the tree, with its folders. */
int full_host_put(const struct full_host *h, const char *path, const char *text,
		  struct oak_error *err) _must_check_;

bool full_host_is_docker(const struct full_host *h, unsigned i);
void full_host_id(unsigned i, char ret[FULL_HOST_ID_MAX]);

/* Says that this process of a container lives, and sleeps until it is killed. */
void full_host_live(const struct full_host *h) __attribute__((noreturn));

/* Ends the containers and removes what was made. */
void full_host_close(struct full_host *h);

/* The value in the middle; sorts. */
double median(double *v, size_t n);

#endif
