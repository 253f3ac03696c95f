/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules: what the verbs of "oakum modules" share. */
#ifndef OAK_CLI_MODULES_H
#define OAK_CLI_MODULES_H

#include <stdbool.h>

#include <jansson.h>

#include "cli/cli.h"
#include "host/modules/reach.h"
#include "host/modules/tree.h"
#include "host/modules/usage.h"

#define MODULES_RELEASE_MAX 65

/* What every verb of them looks at. */
struct modules_view {
	int root;  /* or -1 */
	bool live; /* @root is this machine's own */
	char release[MODULES_RELEASE_MAX];
	struct module_tree tree;
	bool tree_known;
	struct usage usage;

	/* Only after modules_open_reach(). */
	struct module_policy policy;
	struct actor_list actors;
	bool *loaded; /* parallel to tree.modules */
	struct reach_map reach;
};

/* Opens the root and reads all of it. OAK_E_UNSUPPORTED: the kernel has no modules. */
int modules_open(const struct cli_args *args, struct modules_view *ret, struct oak_error *err)
	_must_check_;

/*
 * Who could load what, for a view that is open; @without as in policy_read().
 * Errors: OAK_E_NOTFOUND without modules.dep.
 */
int modules_open_reach(struct modules_view *v, const char *without, struct oak_error *err)
	_must_check_;

void modules_close(struct modules_view *v); /* also the guard */

/* How many modules an actor could load, by how sure that is. */
struct modules_counts {
	size_t of[REACH_YES + 1];
};
void modules_count(const struct modules_view *v, const struct actor *a, struct modules_counts *ret);

/* Whole documents; NULL when out of memory. */
json_t *modules_usage_json(const struct modules_view *v);
json_t *modules_reach_json(const struct modules_view *v);

#endif
