/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lockout: wrong passwords and codes are counted, by name from one network, by network, and by name from anywhere. After
 * 5, 20 and 50 of them in a row each further one must wait, 1 s and twice as long each time up to 15 min. So neither
 * a name nor an address can be tried at speed, and nobody is locked out by somebody else, but by an attack from
 * many networks, and then for a quarter of an hour at a time. A count is forgotten LOCKOUT_FORGET_S after its last.
 *
 * A name counts whether somebody has it or not, and stands here as a hash only: it may be a mistyped password.
 */
#ifndef OAK_FLEET_STORE_LOCKOUT_H
#define OAK_FLEET_STORE_LOCKOUT_H

#include "fleet/db/db.h"

#define LOCKOUT_MAX_S    900
#define LOCKOUT_FORGET_S 3600

/* Errors: OAK_E_AGAIN: for err->retry_s more. */
int lockout_check(struct db *db, const char *name, const char *peer, int64_t now_s,
		  struct oak_error *err) _must_check_;
/* In the caller's transaction. */
int lockout_failed(struct db *db, const char *name, const char *peer, int64_t now_s,
		   struct oak_error *err) _must_check_;
/* A sign-in is complete: the name's counts end; that of the network does not, or a good account would be a key to all others. */
int lockout_good(struct db *db, const char *name, const char *peer, struct oak_error *err)
	_must_check_;
/* What is forgotten goes. */
int lockout_tidy(struct db *db, int64_t now_s, struct oak_error *err) _must_check_;

#endif
