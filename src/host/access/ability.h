/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ability: what one actor has that decides which parts of the kernel it reaches.
 *
 * Actors that have the same are the same: there are few abilities, however many containers. A
 * container is judged by all its processes together, with the capabilities of each and without a
 * filter where one of them has none. The struct has no padding that counts: it is zeroed first.
 */
#ifndef OAK_HOST_ACCESS_ABILITY_H
#define OAK_HOST_ACCESS_ABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/access/profile.h"
#include "host/modules/policy.h"
#include "host/security/kinds.h"

#define ABILITY_FILTERS_MAX 255u

enum ability_kind {
	ABILITY_UNREAD, /* it ended, or may not be looked at */
	ABILITY_USER,   /* a process of the host without any privilege */
	ABILITY_CONTAINER,
	ABILITY_VM, /* it has a kernel of its own */
};

enum ability_lsm {
	ABILITY_LSM_NONE,
	ABILITY_LSM_ENGINE, /* an AppArmor profile of an engine's own: they all deny mount(2) */
	ABILITY_LSM_APPARMOR,
	ABILITY_LSM_OTHER, /* SELinux, Smack: what it allows is not known */
};

/* Filters and what is known of them: index of access_host.profiles, or one of these. */
#define PROFILE_NONE (-1) /* there is a filter, and no file tells which */

struct access_ability {
	enum ability_kind kind;
	enum ability_lsm lsm;
	uint64_t caps, bound;          /* effective; what a set-user-id program may get */
	uint64_t nodes, nodes_unknown; /* bits of access_nodes(): it may open them */
	uint64_t types[2];             /* bits of access_types(): it sees such a mount */
	enum seccomp_mode seccomp;
	int32_t profile;
	uint32_t one_filter; /* the profile is all there is */
	uint32_t host_userns, host_net;
	uint32_t network;   /* it has an interface but the loopback */
	uint32_t any_block; /* it may open some block device */
	uint32_t unused;
};

/* What is of the host, for all actors. */
struct access_host {
	enum policy_userns userns;
	const char *userns_why; /* borrowed */
	bool no_user_ns;        /* the kernel is built without */
	bool ia32;              /* 32-bit programs run */
	int bpf;                /* kernel.unprivileged_bpf_disabled; -1: not known */
	int perf;               /* kernel.perf_event_paranoid; -1: not known */
	int uring;              /* kernel.io_uring_disabled */
	uint64_t paths, blocks; /* bits of access_paths(), access_blocks(): there is one */
	uint64_t servers;       /* bits of access_ports(): the host listens */
	char lsm[128];          /* "lockdown,capability,apparmor"; "" not known */
	struct access_profile *profiles;
	size_t n_profiles;
};

/* What rows of the table may name; n entries. A name's index is its bit. */
struct access_node {
	const char *name;
	const char *also; /* another node of the same kind; NULL */
	bool block;
};
const struct access_node *access_nodes(size_t *ret_n);
const char *const *access_types(size_t *ret_n);
const char *const *access_paths(size_t *ret_n);
const char *const *access_blocks(size_t *ret_n);
const uint16_t *access_ports(size_t *ret_n);

/* The index of a name, or the table's size. */
size_t access_index(const char *const *v, size_t n, const char *name);
size_t access_node_index(const char *name);

#endif
