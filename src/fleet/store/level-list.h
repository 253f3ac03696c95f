/* SPDX-License-Identifier: GPL-2.0-or-later */
/* level-list: what the repository has for the kernels of the fleet, as it was seen last. */
#ifndef OAK_FLEET_STORE_LEVEL_LIST_H
#define OAK_FLEET_STORE_LEVEL_LIST_H

#include <jansson.h>

#include "fleet/db/db.h"

struct levels; /* trust/levels.h */

/* In the caller's transaction: the kernel has these and no others. NULL: none. */
int level_list_store(struct db *db, const char *build_id, const struct levels *l,
		     struct oak_error *err) _must_check_;

/*
 * Array of {"build_id","level","channels":{"stable": since},"published","effective","withdrawn","held","cves"},
 * newest first for each kernel. @build_id: NULL: all.
 */
int level_list_read(struct db *db, const char *build_id, json_t **ret, struct oak_error *err)
	_must_check_;

/* Kernels of hosts: [{"build_id", "arch"}]. */
int level_list_kernels(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

#endif
