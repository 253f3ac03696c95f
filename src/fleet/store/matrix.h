/* SPDX-License-Identifier: GPL-2.0-or-later */
/* matrix: which level of which kernel how many hosts of each ring have. Reads no host: it is counted at reports. */
#ifndef OAK_FLEET_STORE_MATRIX_H
#define OAK_FLEET_STORE_MATRIX_H

#include <jansson.h>

#include "fleet/db/db.h"

/*
 * {"rings": ["default"], "rows": [{"build_id","release","level","hosts","published","effective","withdrawn","held",
 *  "cves": how many it fixes, "rings": {"default": {"settled": 3, "soaking": 1}}}]}: by kernel, the newest
 * level first. Level 0: none. A level that the repository has and no host is there, too; for one that it has no
 * more, or never had, published is null.
 */
int matrix_read(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

#endif
