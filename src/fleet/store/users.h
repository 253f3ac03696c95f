/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * users: the people who use the server, in the caller's transaction, but for what says otherwise. A password is kept
 * as Argon2id (fleet/people/password.h); a TOTP secret sealed with a key that is not in the database
 * (fleet/people/seal.h): store/second-factor.h. Who is known by OIDC alone has no password.
 *
 * A name is kept in small letters: "Bob" and "bob" are one person.
 */
#ifndef OAK_FLEET_STORE_USERS_H
#define OAK_FLEET_STORE_USERS_H

#include <jansson.h>

#include "fleet/db/db.h"
#include "fleet/people/password.h"
#include "fleet/people/person.h"

struct user {
	char id[17];
	char name[PERSON_NAME_MAX + 1];
	enum person_role role;
	bool disabled, has_password, has_totp, must_change;
	int64_t created_s, seen_s, password_s;
};

struct user_new {
	const char *name; /* unique; a word */
	enum person_role role;
	const char *password; /* NULL: none, by OIDC alone. Hashing takes a while: see user_set_password() */
	bool must_change;             /* its owner chooses another one at the first sign-in */
	const char *issuer, *subject; /* of OIDC; NULL */
};

/* Errors: OAK_E_FORMAT (names the member), OAK_E_REFUSED (the name is taken). */
int user_create(struct db *db, const struct user_new *u, int64_t now_s, struct user *ret,
		struct oak_error *err) _must_check_;
int user_by_name(struct db *db, const char *name, struct user *ret, struct oak_error *err)
	_must_check_;
int user_by_id(struct db *db, const char *id, struct user *ret, struct oak_error *err) _must_check_;
int user_by_subject(struct db *db, const char *issuer, const char *subject, struct user *ret,
		    struct oak_error *err) _must_check_;
/* Of one, as it stands in the list. */
int user_json(struct db *db, const char *id, json_t **ret, struct oak_error *err) _must_check_;
/* Array of {"id","name","role","disabled","must_change","totp","password","oidc","created","seen"}, by name; times or null. */
int user_list(struct db *db, json_t **ret, struct oak_error *err) _must_check_;
/* Errors: OAK_E_REFUSED: the last admin that can sign in stays one. Ends the user's sessions. */
int user_set_role(struct db *db, const char *id, enum person_role role, struct oak_error *err)
	_must_check_;
int user_set_disabled(struct db *db, const char *id, bool disabled, struct oak_error *err)
	_must_check_;
/* Its tokens are revoked. */
int user_delete(struct db *db, const char *id, int64_t now_s, struct oak_error *err) _must_check_;
/* Errors: OAK_E_REFUSED: another person has them. */
int user_set_subject(struct db *db, const char *id, const char *issuer, const char *subject,
		     struct oak_error *err) _must_check_;
/*
 * Errors: as password_check(). Ends sessions. Hashing takes a tenth of a second, and with SQLite nobody else writes as
 * long as a transaction lasts: where it is asked for often, password_hash() first and then user_put_hash(), which checks
 * nothing and ends no session: password_check() before, session_end_all() after.
 */
int user_set_password(struct db *db, const char *id, const char *password, bool must_change,
		      int64_t now_s, struct oak_error *err) _must_check_;
int user_put_hash(struct db *db, const char *id, const char hash[PASSWORD_HASH], bool must_change,
		  int64_t now_s, struct oak_error *err) _must_check_;

/*
 * OUTSIDE of any transaction: it hashes between two of its own. Takes as long for a name that nobody has. What is
 * wrong is counted (store/lockout.h) and stands in the audit log.
 *
 * Errors: OAK_E_REFUSED (wrong; or disabled: the same words), OAK_E_AGAIN (locked for err->retry_s, or too many sign in at
 * once; the message says so).
 */
int user_check_password(struct db *db, const char *name, const char *password, const char *peer,
			int64_t now_s, struct user *ret, struct oak_error *err) _must_check_;

#endif
