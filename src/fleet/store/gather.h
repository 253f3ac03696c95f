/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gather: which CVEs are open and which checks fail on how many hosts, added up of sets and counts
 * into the tables that lists are read from. One server does it, now and then, in one transaction.
 */
#ifndef OAK_FLEET_STORE_GATHER_H
#define OAK_FLEET_STORE_GATHER_H

#include "fleet/db/db.h"

int gather_all(struct db *db, int64_t now_s, struct oak_error *err) _must_check_;

#endif
