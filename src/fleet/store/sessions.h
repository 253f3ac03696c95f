/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions: who is signed in. A browser has the cookie "__Host-oakum" (Secure, HttpOnly, SameSite=Lax) with 256
 * random bits; stored is their SHA-256. A session gets a new secret when it gains rights (password, then code), and
 * ends after SESSION_IDLE_S without a request, SESSION_MAX_S in any case, and with a change of password or role.
 *
 * In the caller's transaction, but session_check(), which has its own. Beginning (with all that is asked for) and ending
 * stand in the audit log: "user.sign-in", "user.sign-out".
 */
#ifndef OAK_FLEET_STORE_SESSIONS_H
#define OAK_FLEET_STORE_SESSIONS_H

#include <jansson.h>

#include "fleet/db/db.h"
#include "fleet/people/person.h"
#include "fleet/store/users.h"

#define SESSION_COOKIE  "__Host-oakum"
#define SESSION_SECRET  44u /* base64url and its NUL */
#define SESSION_IDLE_S  3600
#define SESSION_MAX_S   43200
#define SESSION_HALF_S  600 /* for the code, or for another password */
#define SESSION_PROOF_S 900 /* so long a proof (password, code) is good for changes of rights */

/* What has been shown so far. */
enum session_state {
	SESSION_CODE,     /* the password; the code is still to come */
	SESSION_PASSWORD, /* signed in, and must choose another password first */
	SESSION_FULL,
};

struct session {
	char id[17]; /* for lists; no secret */
	char csrf[PERSON_CSRF_LEN + 1];
	enum session_state state;
	struct user user;
	int64_t made_s, seen_s;
	int64_t proved_s; /* when a password or code was last shown: changes of rights want it recent */
};

/* Where it is made. */
struct session_from {
	const char *peer;
	const char *agent; /* the browser's own words; NULL: none */
	int64_t now_s;
};

int session_create(struct db *db, const struct user *u, enum session_state state,
		   const struct session_from *from, char ret_secret[SESSION_SECRET],
		   struct oak_error *err) _must_check_;
/* Errors: OAK_E_NOTFOUND: unknown, ended, its user gone or disabled. Writes seen_s at most once a minute. */
int session_check(struct db *db, const char *secret, int64_t now_s, struct session *ret,
		  struct oak_error *err) _must_check_;
/* The session goes on under another secret; the old one is worth nothing from now on. A proof was just given. */
int session_renew(struct db *db, const char *secret, enum session_state state, int64_t now_s,
		  char ret_secret[SESSION_SECRET], struct oak_error *err) _must_check_;
/* Nothing that is there is fine. */
int session_end(struct db *db, const char *secret, int64_t now_s, struct oak_error *err)
	_must_check_;
/* One of a user by its id, from a list. Errors: OAK_E_NOTFOUND. */
int session_end_one(struct db *db, const char *user, const char *id, struct oak_error *err)
	_must_check_;
/* Of a user, but @but (an id; NULL: all). */
int session_end_all(struct db *db, const char *user, const char *but, struct oak_error *err)
	_must_check_;
/* Array of {"id","peer","agent","created","seen"} of a user. */
int session_list(struct db *db, const char *user, int64_t now_s, json_t **ret,
		 struct oak_error *err) _must_check_;
/* Those that are over go. */
int session_tidy(struct db *db, int64_t now_s, struct oak_error *err) _must_check_;

#endif
