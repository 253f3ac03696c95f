/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * actor: who might make the kernel load a module, and how far each gate holds that actor back.
 *
 * Modules are loaded by modprobe in the host's namespaces, whoever caused it: what a container
 * holds matters only for whether it reaches the request. A container is judged by all of its
 * processes together, as one that has the capabilities of each and the weakest filter: what was put
 * into it later ("docker exec --privileged") may be allowed more than its first process.
 *
 * A seccomp filter's content cannot be read. Where one is there, what docker's default profile
 * would do is what is likely, and nothing more. Source: proc_pid_status(5), moby's profile.
 */
#ifndef OAK_HOST_MODULES_ACTOR_H
#define OAK_HOST_MODULES_ACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/modules/gates.h"
#include "host/modules/policy.h"

enum reach_sure {
	REACH_NO,
	REACH_UNLIKELY, /* a filter is there; docker's default would deny it */
	REACH_LIKELY,   /* a filter is there; docker's default would let it through */
	REACH_YES,
};

#define ACTOR_NAME_MAX 224
#define ACTORS_MAX     65538u
#define SECCOMP_OFF    0
#define SECCOMP_STRICT 1
#define SECCOMP_FILTER 2

struct actor {
	char name[ACTOR_NAME_MAX]; /* "any user", "docker container web"; safe for a terminal */
	pid_t pid;                 /* its first process; 0: no container */
	uint64_t caps, caps_bound; /* effective, and what a set-user-id program in it may get */
	uint64_t host_caps, host_caps_bound; /* those of them that are of the host */
	bool host_userns;                    /* a process of it is in the host's user namespace */
	bool own_userns; /* it would make a user namespace, if that is permitted */
	bool known;      /* /proc/<pid>/status could be read */
	int seccomp;
	bool nodes[2]; /* of GATE_NODE, in their order in the table */
};

struct actor_list {
	struct actor *v; /* "any user" twice, without and with a user namespace; then containers */
	size_t n;
};

/*
 * Pure: Seccomp, CapEff, CapBnd and NoNewPrivs of /proc/<pid>/status, for an actor whose
 * host_userns is set.
 */
void actor_parse_status(struct actor *a, const char *text);

int actors_read(int root, struct actor_list *ret, struct oak_error *err) _must_check_;
void actors_free(struct actor_list *l); /* also the guard */

/* May it load any module at will, as CAP_SYS_MODULE of the host allows? */
bool actor_loads_all(const struct actor *a);

/* Pure: @a gets all that @process may, too. */
void actor_merge(struct actor *a, const struct actor *process);

/* How sure it is that the actor gets through a row of the table. Pure. */
enum reach_sure actor_reaches(const struct actor *a, const struct module_policy *p,
			      const struct gate_row *row);

/* "no", "unlikely", "likely", "yes" */
const char *reach_sure_name(enum reach_sure s);

#endif
