/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: which modules to block, of those that a user or a container could have loaded.
 *
 * Considered is what the kernel asks for itself where no capability of the host stands before it
 * (GATE_USERNS_ADMIN and easier), and what was named. What is merely a dependency of that is left
 * alone: once nothing that needs it is loaded, it is not either, and others may need it.
 *
 * Kept is what is in use, was seen in use, a device of this host asks for, is loaded at boot, the
 * engines need, and all that these depend on. Loaded modules that nobody seems to use are kept
 * until they were observed for long enough. What a host may not come up or be reached without is
 * kept whatever is said (host/modules/needs.h): to ask for its block is OAK_E_REFUSED.
 */
#ifndef OAK_HOST_MODULES_PLAN_H
#define OAK_HOST_MODULES_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/modules/observed.h"
#include "host/modules/reach.h"
#include "host/modules/tree.h"
#include "host/modules/usage.h"

#define PLAN_DAYS_OTHERWISE 7u

enum plan_why {
	PLAN_BLOCK, /* nothing needs it */
	PLAN_LIVEPATCH,
	PLAN_USED,
	PLAN_DEVICE,
	PLAN_GUARD,
	PLAN_BOOT,
	PLAN_OBSERVED,
	PLAN_UNKNOWN, /* whether it is in use cannot be seen */
	PLAN_ENGINE,
	PLAN_ASKED, /* --keep */
	PLAN_LOADED,
	PLAN_NEEDED,
	PLAN_WHYS
};

#define PLAN_DETAIL_MAX 160

struct plan_item {
	uint32_t module; /* of the tree */
	enum plan_why why;
	bool load;                    /* in use: to be loaded at boot */
	char detail[PLAN_DETAIL_MAX]; /* safe for a terminal */
};

struct module_plan {
	struct plan_item *items; /* what was considered, by the name of the module */
	size_t n, n_block;
};

struct plan_options {
	int root;
	const struct module_tree *tree;
	const struct usage *usage;
	const struct observed *observed;
	const struct reach_map *reach; /* under the policy without our own file */
	const char *const *keep;       /* modules or groups */
	size_t n_keep;
	const char *const *without; /* groups */
	size_t n_without;
	const char *const *block; /* modules */
	size_t n_block;
	unsigned days; /* how long a loaded module is observed before it is blocked */
};

/*
 * Errors: OAK_E_USAGE (a name that is none), OAK_E_REFUSED (what is asked for locks out, or what
 * this host needs cannot be seen), OAK_E_NOMEM.
 */
int module_plan_make(const struct plan_options *opt, struct module_plan *ret, struct oak_error *err)
	_must_check_;

void module_plan_free(struct module_plan *p); /* also the guard */

/* "block", "in use", ... */
const char *module_plan_why_name(enum plan_why w);

/*
 * Names of the tree that this host's devices answer to, or that its boot configuration names; for
 * each calls @fn. Return: 0, or what @fn returned.
 */
typedef void plan_name_fn(void *ctx, uint32_t module, const char *detail);
void module_plan_each_device(int root, const struct module_tree *t, plan_name_fn *fn, void *ctx);
void module_plan_each_boot(int root, const struct module_tree *t, plan_name_fn *fn, void *ctx);

#endif
