/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules: what the verbs of "oakum modules" share. */
#ifndef OAK_CLI_MODULES_H
#define OAK_CLI_MODULES_H

#include <stdbool.h>

#include <jansson.h>

#include "cli/cli.h"
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
};

/* Opens the root and reads all of it. OAK_E_UNSUPPORTED: the kernel has no modules. */
int modules_open(const struct cli_args *args, struct modules_view *ret, struct oak_error *err)
	_must_check_;
void modules_close(struct modules_view *v); /* also the guard */

/* Members of documents; NULL when out of memory. */
json_t *modules_usage_json(const struct modules_view *v);

#endif
