/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: the log of every action, append-only. Each entry holds the hash of the one before, so that
 * nothing can be taken out or changed without every later hash changing:
 *
 *	hash = sha256(canonical JSON of {"sequence","at","who","action","subject","detail","previous"})
 *
 * The table "heads" says what the last one is, so that a tail which was cut off is noticed. Whoever may write the
 * whole database can make a new chain; a copy of one hash elsewhere shows that.
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

/*
 * Within the transaction of the action itself: both or none. Best as its last statement: with PostgreSQL other
 * transactions that add an entry or an event wait from here until this one ends.
 */
int audit_add(struct db *db, const struct audit_entry *e, struct oak_error *err) _must_check_;

/*
 * Walks the whole chain. @ret_entries: how many there are. Errors: OAK_E_TRUST, which names the first
 * entry that does not fit.
 */
int audit_verify(struct db *db, uint64_t *ret_entries, struct oak_error *err) _must_check_;

/* Newest first, from below @before (0: the newest), of @subject (NULL: any), at most @limit. */
struct audit_page {
	const char *subject;
	int64_t before;
	unsigned limit;
};
/* @ret: array of {"sequence","at","who","action","subject","detail","hash"} */
int audit_list(struct db *db, const struct audit_page *page, json_t **ret, struct oak_error *err)
	_must_check_;

#endif
