/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sets: what many hosts have in common is kept once: the CVEs that are open on a host, the checks that fail
 * there. A set's number is 62 bits of a hash of what is in it, so that it fits everywhere; 0: none.
 * How many hosts have a set stands in host_counts (facts.h). For hosts-report.c and facts.c.
 */
#ifndef OAK_FLEET_STORE_SETS_H
#define OAK_FLEET_STORE_SETS_H

#include "fleet/db/db.h"
#include "trust/fleet/report.h"

int64_t sets_number_cves(const struct report *r);
int64_t sets_number_findings(const struct report *r);

/* In the report's transaction: the set is there from then on, for as long as a host has it. */
int sets_keep_cves(struct db *db, const struct report *r, int64_t number, struct oak_error *err)
	_must_check_;
int sets_keep_findings(struct db *db, const struct report *r, int64_t number, struct oak_error *err)
	_must_check_;

/* Removes those that nobody has; a transaction of its own. */
int sets_tidy(struct db *db, struct oak_error *err) _must_check_;

#endif
