/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * needs: what a container host needs of its kernel though nothing may be using it just now.
 *
 * Groups of modules that the engines ask for, and names that are never blocked, because a host
 * without them may not come up again or not be reached. Source: moby's check-config.sh, the
 * engines' own code, and what dockerd was seen to load.
 */
#ifndef OAK_HOST_MODULES_NEEDS_H
#define OAK_HOST_MODULES_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct needs_group {
	const char *name;
	const char *about;
	bool always;              /* kept unless somebody says no */
	const char *const *paths; /* one of them, below the root, says that it is wanted; or NULL */
	const char *const *modules; /* names or patterns, NULL-terminated */
};

const struct needs_group *needs_groups(size_t *ret_n);

/* NULL where there is none of that name. */
const struct needs_group *needs_group_find(const char *name);

/* Is the group wanted on this host? */
bool needs_group_wanted(int root, const struct needs_group *g);

bool needs_group_has(const struct needs_group *g, const char *module);

/*
 * Why a module is never blocked, or NULL.
 * @encrypted: the host has encrypted disks; cryptsetup opens them with AF_ALG
 */
const char *needs_guarded(const char *module, bool encrypted);

#endif
