/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loaded: the modules that are in the kernel, as /proc/modules lists them.
 *
 * A line is "name size references holders state address (taints)". Of the references each holder
 * has one; the rest are open objects: sockets, mounts, rules. None is no proof that nobody uses the
 * module: see host/modules/usage.h. Source: kernel/module/procfs.c of 6.1.
 */
#ifndef OAK_HOST_MODULES_LOADED_H
#define OAK_HOST_MODULES_LOADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/modules/word.h"

#define LOADED_MAX      16384u
#define LOADED_NONE     UINT32_MAX
#define LOADED_PATH     "proc/modules"
#define LOADED_TEXT_MAX (8u << 20)

enum loaded_state {
	LOADED_LIVE,
	LOADED_LOADING,
	LOADED_UNLOADING,
};

struct loaded_module {
	char name[MODULE_NAME_MAX];
	uint64_t bytes;
	uint32_t references;
	uint32_t n_holders;
	bool permanent; /* the kernel never unloads it */
	bool livepatch; /* tainted "K" */
	enum loaded_state state;
};

struct loaded_hold {
	uint32_t held, holder; /* of loaded_list.modules */
};

struct loaded_list {
	struct loaded_module *modules; /* by name */
	size_t n;
	struct loaded_hold *holds;
	size_t n_holds;
};

/* Pure. Errors: OAK_E_FORMAT with the line, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int loaded_parse(const char *text, struct loaded_list *ret, struct oak_error *err) _must_check_;

/* Errors: as above; OAK_E_UNSUPPORTED where the kernel has no loadable modules. */
int loaded_read(int root, struct loaded_list *ret, struct oak_error *err) _must_check_;

void loaded_free(struct loaded_list *l); /* also the guard */

/* The index of a module, "-" and "_" being the same; or LOADED_NONE. */
uint32_t loaded_find(const struct loaded_list *l, const char *name);

/* "live", "loading", "unloading" */
const char *loaded_state_name(enum loaded_state s);

#endif
