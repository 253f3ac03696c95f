/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * second-factor: TOTP and recovery codes of a person. The secret is sealed (fleet/people/seal.h) with the key of the
 * server, @key; recovery codes are kept as SHA-256 (each is 80 random bits). A code of TOTP is accepted once: the step of
 * the last one is kept.
 */
#ifndef OAK_FLEET_STORE_SECOND_FACTOR_H
#define OAK_FLEET_STORE_SECOND_FACTOR_H

#include "fleet/db/db.h"
#include "fleet/people/totp.h"
#include "fleet/store/users.h"
#include "trust/key.h"

#define RECOVERY_CODES 10u
#define RECOVERY_TEXT  20u /* "abcd-efgh-ijkl-mnop" and its NUL */

/* In the caller's transaction. A new secret, which counts for nothing until a code of it was shown. */
int user_totp_begin(struct db *db, const struct tuf_key *key, const char *id,
		    uint8_t ret_secret[TOTP_SECRET_BYTES], struct oak_error *err) _must_check_;
/* The secret that user_totp_begin() made last, to show it again. Errors: OAK_E_NOTFOUND. */
int user_totp_pending(struct db *db, const struct tuf_key *key, const char *id,
		      uint8_t ret_secret[TOTP_SECRET_BYTES], struct oak_error *err) _must_check_;
/* From now on it is asked for; recovery codes are new ones. Errors: OAK_E_REFUSED (not its code), OAK_E_NOTFOUND. */
int user_totp_confirm(struct db *db, const struct tuf_key *key, const char *id, const char *code,
		      int64_t now_s, char ret_codes[RECOVERY_CODES][RECOVERY_TEXT],
		      struct oak_error *err) _must_check_;
/* Secret and recovery codes are gone. Ends sessions where @end. */
int user_totp_remove(struct db *db, const char *id, bool end, struct oak_error *err) _must_check_;
int user_recovery_left(struct db *db, const char *id, unsigned *ret, struct oak_error *err)
	_must_check_;

/**
 * user_check_code() - a code of TOTP, or a recovery code, which is spent by it
 *
 * OUTSIDE of any transaction, as user_check_password(), and counted and told as that. Errors: OAK_E_REFUSED,
 * OAK_E_AGAIN (err->retry_s).
 */
struct code_try {
	const struct tuf_key *key;
	const struct user *user;
	const char *code, *peer;
	int64_t now_s;
};
int user_check_code(struct db *db, const struct code_try *t, bool *ret_recovery,
		    struct oak_error *err) _must_check_;

#endif
