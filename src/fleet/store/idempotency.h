/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idempotency: a request that is sent twice with one Idempotency-Key is done once. All in the
 * transaction of the request itself: a key is kept with what it did, or not at all, and of two that
 * come at once the second waits for the first.
 */
#ifndef OAK_FLEET_STORE_IDEMPOTENCY_H
#define OAK_FLEET_STORE_IDEMPOTENCY_H

#include <jansson.h>

#include "base/hash.h"
#include "fleet/db/db.h"

struct idempotency {
	const char *who, *key; /* a key belongs to the token that sent it */
	const char *digest;    /* of the request */
	int64_t now_s;
};

struct idempotency_answer {
	char digest[SHA256_HEX_MAX];
	unsigned status;
	json_t *answer; /* owned by the caller; NULL: it had no body */
};

/* Return: 0: the key is new, and taken now; 1: @ret has what was answered. Drops keys older than a day. */
int idempotency_take(struct db *db, const struct idempotency *id, struct idempotency_answer *ret,
		     struct oak_error *err) _must_check_;

int idempotency_keep(struct db *db, const struct idempotency *id, unsigned status,
		     const json_t *answer, struct oak_error *err) _must_check_;

#endif
