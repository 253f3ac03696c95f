/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: the lists without holes, audit and events. For audit.c and event.c alone. */
#ifndef OAK_FLEET_STORE_JOURNAL_H
#define OAK_FLEET_STORE_JOURNAL_H

#include "base/hash.h"
#include "fleet/db/db.h"

struct journal_head {
	int64_t sequence;
	char hash[SHA256_HEX_MAX];
};

/* @list: "audit" or "events". */
int journal_read(struct db *db, const char *list, struct journal_head *ret, struct oak_error *err)
	_must_check_;

/* The same; nobody else adds to either list until the transaction ends. */
int journal_lock(struct db *db, const char *list, struct journal_head *ret, struct oak_error *err)
	_must_check_;

int journal_move(struct db *db, const char *list, const struct journal_head *to,
		 struct oak_error *err) _must_check_;

#endif
