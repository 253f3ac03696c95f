/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engines: which container a cgroup belongs to, from the text of /proc/<pid>/cgroup alone.
 *
 * Each engine names the cgroups of its containers in its own way; one table holds the ways. The
 * components of a path are tried from the last to the first, so that a container within a
 * container counts as the inner one, and what systemd makes below a container (init.scope)
 * does not hide it. Where the lines of cgroup v1 differ, the first that matches wins.
 *
 * Whoever may make cgroups chooses their names: root of the host all of them, a user those below
 * "user@<uid>.service", a container those below its own. So a name is for telling people where to
 * look, and nothing that grants anything.
 *
 * Paths must be as the first cgroup namespace sees them: read them as a process of the host.
 * Source: cgroups(7), "/proc files"; the engines' own code (docker, containerd, CRI-O, podman,
 * runc, crun, lxc, systemd-nspawn) and paths measured with them.
 */
#ifndef OAK_HOST_ENGINES_H
#define OAK_HOST_ENGINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTAINER_ENGINE_MAX  16
#define CONTAINER_ID_MAX      128 /* with the NUL; ids are 64 hexadecimal digits, or a name */
#define CONTAINER_POD_UID_MAX 65
#define CONTAINER_GUESSES_MAX 8

struct container_ref {
	char engine[CONTAINER_ENGINE_MAX];   /* "docker", ...; "" in a guess: any engine's */
	char id[CONTAINER_ID_MAX];           /* [A-Za-z0-9_.-], never ".", never a path */
	char pod_uid[CONTAINER_POD_UID_MAX]; /* of Kubernetes or a podman pod; "" where none */
	char scope[CONTAINER_ID_MAX];        /* of a guess: containerd's namespace */
	uint32_t uid;                        /* whose user session (rootless engines); 0: none */
};

/* [A-Za-z0-9_][A-Za-z0-9_.-]*, shorter than CONTAINER_ID_MAX. */
bool container_id_is_valid(const char *id);

enum cgroup_kind {
	CGROUP_HOST,      /* nothing that we know: guesses may be made */
	CGROUP_CONTAINER, /* certainly a container */
	CGROUP_OTHER,     /* certainly none: an engine's monitor, a virtual machine, a sandbox */
};

/**
 * container_of_cgroup() - the container that a cgroup's path names
 * @text: /proc/<pid>/cgroup, of version 1, 2 or both
 * @ret:  filled for CGROUP_CONTAINER only
 */
enum cgroup_kind container_of_cgroup(const char *text, struct container_ref *ret);

/**
 * container_guesses() - what a path may name where it is CGROUP_HOST
 *
 * Some engines give no mark: "ctr" uses /<namespace>/<id>, runc and crun /<id>, and
 * --cgroup-parent puts 64 digits anywhere. A guess counts only where the engine's own files
 * confirm it (host/evidence.h). Return: how many, the most likely first.
 */
size_t container_guesses(const char *text, struct container_ref ret[CONTAINER_GUESSES_MAX]);

#endif
