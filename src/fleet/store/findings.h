/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings: checks of "oakum audit" that fail, over the whole fleet, as they were gathered last (gather.h). */
#ifndef OAK_FLEET_STORE_FINDINGS_H
#define OAK_FLEET_STORE_FINDINGS_H

#include <jansson.h>

#include "fleet/db/db.h"

/*
 * All that fail on a host now, the gravest first, then by the number of hosts: {"id","severity","hosts",
 * "first_seen"}. There are no more than checks.
 */
int findings_list(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

#endif
