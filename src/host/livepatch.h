/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * livepatch: what /sys/kernel/livepatch says at this moment, and the two things one may do to a
 * patch there: wait for its transition, and disable it. Never "force".
 *
 * A patch appears when its module's init ran. "transition" is 1 until every task runs the new
 * code (or, after disabling, the old code again). A patch that was disabled, or replaced by a
 * newer one, vanishes when its transition ends; only then can its module be unloaded.
 * Source: Documentation/ABI/testing/sysfs-kernel-livepatch; kernel/livepatch/core.c of 6.1.
 */
#ifndef OAK_HOST_LIVEPATCH_H
#define OAK_HOST_LIVEPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define LIVEPATCH_NAME_MAX      64u   /* with the NUL; MODULE_NAME_LEN is 56 */
#define LIVEPATCH_PATCHES_MAX   256u  /* the kernel stacks them; nobody has more than a few */
#define LIVEPATCH_FUNCTIONS_MAX 8192u /* of one patch */

struct livepatch_function {
	char *object; /* "vmlinux" or a module */
	char *name;
	uint32_t sympos;
};

struct livepatch {
	char name[LIVEPATCH_NAME_MAX];
	bool enabled;
	bool transition;
	uint32_t level; /* N of our own "oakum_N"; 0: somebody else's */
	struct livepatch_function *functions;
	size_t n_functions;
};

struct livepatch_list {
	struct livepatch *patches; /* sorted by name */
	size_t n;
};

/* A kernel without livepatch, or without patches, gives an empty list. */
int livepatch_read(int root, struct livepatch_list *ret, struct oak_error *err) _must_check_;

void livepatch_list_free(struct livepatch_list *l); /* also the guard */

/* NULL where there is none. */
const struct livepatch *livepatch_find(const struct livepatch_list *l, const char *name);

/* The level N of "oakum_N", or 0 for any other name. */
uint32_t livepatch_level_of(const char *name);

/* "oakum_<level>" */
void livepatch_name_of(uint32_t level, char ret[LIVEPATCH_NAME_MAX]);

enum livepatch_goal {
	LIVEPATCH_APPLIED, /* enabled, and no transition */
	LIVEPATCH_GONE,    /* no longer there */
};

/**
 * livepatch_wait() - until the goal is reached
 * @timeout_ms: 0 looks once
 * @ret_ms:     how long it took, also where it failed
 *
 * Looks after 1 ms first and then ever less often, down to every 20 ms: a transition takes from
 * a few milliseconds (all tasks asleep) to whole seconds (the kernel looks again once a second).
 *
 * Errors: OAK_E_AGAIN (the time is over), OAK_E_FAILED (the patch vanished, or was disabled
 * meanwhile, where it should be applied).
 */
int livepatch_wait(int root, const char *name, enum livepatch_goal goal, unsigned timeout_ms,
		   double *ret_ms, struct oak_error *err) _must_check_;

/**
 * livepatch_set_enabled() - begin to take a patch back, or turn a transition round
 * @enabled: false: take it back, also in the middle of its own transition; true: only while it
 *           is being taken back (the kernel enables no patch twice: its module is loaded again)
 *
 * Errors: OAK_E_PERMISSION, OAK_E_NOTFOUND, OAK_E_AGAIN (another patch is in transition),
 * OAK_E_IO. A patch that is already so is fine.
 */
int livepatch_set_enabled(int root, const char *name, bool enabled, struct oak_error *err)
	_must_check_;

#endif
