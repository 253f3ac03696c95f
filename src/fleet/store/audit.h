/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: the log of every action, append-only. Each entry holds the hash of the one before, so that
 * nothing can be taken out or changed without every later hash changing:
 *
 *	hash = sha256(canonical JSON of {"sequence","at","who","action","subject","detail","previous"})
 */
#ifndef OAK_FLEET_STORE_AUDIT_H
#define OAK_FLEET_STORE_AUDIT_H

#include <jansson.h>

#include "fleet/db/db.h"

struct audit_entry {
	const char *who;     /* "token:ci", "host:<id>", "server", "console" */
	const char *action;  /* "rollout.pause", "host.revoke", "token.create": noun.verb */
	const char *subject; /* the id of what it was done to; "" */
	json_t *detail;      /* borrowed; NULL: {}. No secrets. */
	int64_t at_s;
};

/* Within the transaction of the action itself: both or none. */
int audit_add(struct db *db, const struct audit_entry *e, struct oak_error *err) _must_check_;

/*
 * Walks the whole chain. @ret_entries: how many there are. Errors: OAK_E_TRUST, which names the first
 * entry that does not fit.
 */
int audit_verify(struct db *db, uint64_t *ret_entries, struct oak_error *err) _must_check_;

#endif
