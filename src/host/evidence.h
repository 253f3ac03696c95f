/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence: what the files of the engines tell about a container, without asking any daemon.
 *
 * Engines keep a container's name and image in JSON below /run and /var/lib, rootless ones below
 * the home of their user. Those of a user are read as what they are, somebody else's: only regular
 * files, only below that home and on its file system, never more than EVIDENCE_FILE_MAX.
 * What is missing or malformed leaves a text empty; nothing here fails.
 * Source: the engines' own code; the places were seen with docker 20.10, containerd 1.6, podman
 * 4.3, runc 1.1 and crun 1.8.
 */
#ifndef OAK_HOST_EVIDENCE_H
#define OAK_HOST_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "host/container.h"
#include "host/docker-root.h"

#define EVIDENCE_FILE_MAX   (8u << 20) /* the list of a storage has all its containers */
#define EVIDENCE_STORES_MAX 16         /* users with rootless podman; more are not named */

/* What is read once for many containers; zero but for @root before first use. */
struct evidence {
	int root;
	struct docker_roots docker;    /* read once; none: not yet */
	struct docker_daemons daemons; /* as far as evidence_saw() was told */
	bool has_daemons; /* set by the caller once it was told of all: then nobody looks for them */
	struct {
		uint32_t uid;
		json_t *by_id;
	} stores[EVIDENCE_STORES_MAX];
	size_t n_stores;
	json_t *cni;               /* port mappings by the container's id; NULL: not read */
	struct evidence_pid *pids; /* of evidence-pids.c */
	size_t n_pids;
	bool has_pids;
};

/* A process of the host, by its name. */
void evidence_saw(struct evidence *ev, pid_t pid, const char *comm);

void evidence_clear(struct evidence *ev); /* also the guard */

/*
 * Whether a guess of container_guesses() is a container of the engine it names, or of any where it
 * names none; completes @ref.
 */
bool evidence_confirms(struct evidence *ev, struct container_ref *ref);

/*
 * Fills name, image, pod and pod_namespace of @c, and puts its engine right: containerd runs
 * docker's containers, lxc those of incus and lxd.
 */
void evidence_read(struct evidence *ev, const struct container_ref *ref, struct container *c);

/* evidence-cni.c: what the cache of libcni has for that id, or NULL. */
const json_t *evidence_cni(struct evidence *ev, const char *id);

/* Whose process 1 that is, as the states of runc, crun and machines say. */
bool evidence_of_pid(struct evidence *ev, pid_t pid, struct container_ref *ret);

#endif
