/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/second-factor.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/people/seal.h"
#include "fleet/store/lockout.h"
#include "fleet/store/rows.h"
#include "fleet/store/sessions.h"
#include "fleet/store/users-row.h"

#define PURPOSE    "totp"
#define CODE_CHARS 16u /* of a recovery code, without its hyphens */

static const struct db_statement set_next = { "totp: begin",
					      "UPDATE users SET totp_next = $2 WHERE id = $1",
					      NULL };
static const struct db_statement get_next = {
	"totp: begun", "SELECT totp_next FROM users WHERE id = $1 AND totp_next <> ''", NULL
};
static const struct db_statement confirm = {
	"totp: confirm",
	"UPDATE users SET totp = totp_next, totp_next = '', totp_step = $2"
	" WHERE id = $1 AND totp_next <> ''",
	NULL
};
static const struct db_statement get = { "totp: secret",
					 "SELECT totp FROM users WHERE id = $1 AND totp <> ''",
					 NULL };
/* Of two who show the same code at once one comes first. */
static const struct db_statement use_step = {
	"totp: use", "UPDATE users SET totp_step = $2 WHERE id = $1 AND totp_step < $2", NULL
};
static const struct db_statement clear = {
	"totp: remove", "UPDATE users SET totp = '', totp_next = '', totp_step = 0 WHERE id = $1",
	NULL
};
static const struct db_statement drop_codes = { "recovery: drop",
						"DELETE FROM recovery_codes WHERE person = $1",
						NULL };
static const struct db_statement add_code = {
	"recovery: add", "INSERT INTO recovery_codes (person, code) VALUES ($1, $2)", NULL
};
static const struct db_statement use_code = {
	"recovery: use", "DELETE FROM recovery_codes WHERE person = $1 AND code = $2", NULL
};
static const struct db_statement count_codes = {
	"recovery: count", "SELECT count(*) FROM recovery_codes WHERE person = $1", NULL
};

int user_totp_begin(struct db *db, const struct tuf_key *key, const char *id,
		    uint8_t ret_secret[TOTP_SECRET_BYTES], struct oak_error *err)
{
	_cleanup_(freep) char *sealed = NULL;
	uint8_t secret[TOTP_SECRET_BYTES];
	int64_t r;

	randombytes_buf(secret, sizeof(secret));
	r = seal(key, PURPOSE, secret, sizeof(secret), &sealed, err);
	if (r == 0)
		r = db_run(db, &set_next, (const struct db_value[]){ db_text(id), db_text(sealed) },
			   2, err);
	if (r == 0)
		r = oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	if (r < 0)
		return (int)r;
	memcpy(ret_secret, secret, sizeof(secret));
	return 0;
}

static int take_text(void *ctx, const struct db_row *row, struct oak_error *err)
{
	char **ret = ctx;

	*ret = strdup(db_row_text(row, 0));
	return *ret ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Return: 0, or -code; OAK_E_NOTFOUND: there is none. */
static int read_secret(struct db *db, const struct tuf_key *key, const struct db_statement *s,
		       const char *id, uint8_t ret[TOTP_SECRET_BYTES], struct oak_error *err)
{
	_cleanup_(buf_free) struct buf plain = { 0 };
	_cleanup_(freep) char *sealed = NULL;
	const struct db_value arg = db_text(id);
	int64_t n = db_query(db, s, &arg, 1, take_text, &sealed, err);
	int r;

	if (n < 0)
		return (int)n;
	if (!sealed)
		return oak_fail(err, OAK_E_NOTFOUND, "codes are not set up");
	r = unseal(key, PURPOSE, sealed, &plain, err);
	if (r < 0)
		return r;
	if (plain.len != TOTP_SECRET_BYTES)
		return oak_fail(err, OAK_E_FORMAT, "the secret of codes is malformed");
	memcpy(ret, plain.data, TOTP_SECRET_BYTES);
	return 0;
}

int user_totp_pending(struct db *db, const struct tuf_key *key, const char *id,
		      uint8_t ret_secret[TOTP_SECRET_BYTES], struct oak_error *err)
{
	return read_secret(db, key, &get_next, id, ret_secret, err);
}

static void hash_code(const char *code, char ret[SHA256_HEX_MAX])
{
	sha256_hex(code, strlen(code), ret);
}

/* "abcd-efgh-ijkl-mnop"; @plain is the same without hyphens. */
static void make_code(char ret[RECOVERY_TEXT], char plain[CODE_CHARS + 1])
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* no l, o, 0, 1 */
	size_t n = 0;

	for (unsigned i = 0; i < CODE_CHARS; i++) {
		if (i && i % 4 == 0)
			ret[n++] = '-';
		plain[i] = digits[randombytes_uniform(32)];
		ret[n++] = plain[i];
	}
	ret[n] = '\0';
	plain[CODE_CHARS] = '\0';
}

static int make_codes(struct db *db, const char *id, char ret[RECOVERY_CODES][RECOVERY_TEXT],
		      struct oak_error *err)
{
	const struct db_value arg = db_text(id);
	char plain[CODE_CHARS + 1], hash[SHA256_HEX_MAX];
	int r = rows_run(db, &drop_codes, &arg, 1, err);

	for (unsigned i = 0; r == 0 && i < RECOVERY_CODES; i++) {
		make_code(ret[i], plain);
		hash_code(plain, hash);
		r = rows_run(db, &add_code, (const struct db_value[]){ arg, db_text(hash) }, 2, err);
	}
	return r;
}

int user_totp_confirm(struct db *db, const struct tuf_key *key, const char *id, const char *code,
		      int64_t now_s, char ret_codes[RECOVERY_CODES][RECOVERY_TEXT],
		      struct oak_error *err)
{
	uint8_t secret[TOTP_SECRET_BYTES];
	int64_t step, r = read_secret(db, key, &get_next, id, secret, err);

	if (r < 0)
		return (int)r;
	step = totp_find(secret, sizeof(secret), code, now_s);
	sodium_memzero(secret, sizeof(secret));
	if (step < 0)
		return oak_fail(err, OAK_E_REFUSED,
				"the code does not fit: is the clock of the device right?");
	r = db_run(db, &confirm, (const struct db_value[]){ db_text(id), db_int(step) }, 2, err);
	if (r < 0)
		return (int)r;
	return make_codes(db, id, ret_codes, err);
}

int user_totp_remove(struct db *db, const char *id, bool end, struct oak_error *err)
{
	const struct db_value arg = db_text(id);
	int64_t r = db_run(db, &clear, &arg, 1, err);

	if (r == 0)
		r = oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	if (r < 0)
		return (int)r;
	r = rows_run(db, &drop_codes, &arg, 1, err);
	return r < 0 || !end ? (int)r : session_end_all(db, id, NULL, err);
}

int user_recovery_left(struct db *db, const char *id, unsigned *ret, struct oak_error *err)
{
	const struct db_value arg = db_text(id);
	int64_t n = 0, r = db_query(db, &count_codes, &arg, 1, rows_int, &n, err);

	if (r < 0)
		return (int)r;
	*ret = (unsigned)n;
	return 0;
}

static char lower(char c)
{
	return (char)tolower((unsigned char)c);
}

/* As it was typed: with or without hyphens and blanks, in capitals or not. Return: false: too long. */
static bool fold_code(const char *text, char ret[CODE_CHARS + 1])
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (n == CODE_CHARS)
			return false;
		ret[n++] = lower(*text);
	}
	ret[n] = '\0';
	return n == CODE_CHARS;
}

/* In a transaction. Return: 1: it is; 0: it is not. */
static int64_t try_totp(struct db *db, const struct code_try *t, struct oak_error *err)
{
	uint8_t secret[TOTP_SECRET_BYTES];
	int64_t step, r = read_secret(db, t->key, &get, t->user->id, secret, err);

	if (r < 0)
		return r == -OAK_E_NOTFOUND ? 0 : r;
	step = totp_find(secret, sizeof(secret), t->code, t->now_s);
	sodium_memzero(secret, sizeof(secret));
	if (step < 0)
		return 0;
	return db_run(db, &use_step,
		      (const struct db_value[]){ db_text(t->user->id), db_int(step) }, 2, err);
}

static int64_t try_recovery(struct db *db, const struct code_try *t, struct oak_error *err)
{
	char plain[CODE_CHARS + 1], hash[SHA256_HEX_MAX];

	if (!fold_code(t->code, plain))
		return 0;
	hash_code(plain, hash);
	return db_run(db, &use_code,
		      (const struct db_value[]){ db_text(t->user->id), db_text(hash) }, 2, err);
}

/* In a transaction, which is committed whatever comes of it. Return: 1, 0 or -code. */
static int64_t try_both(struct db *db, const struct code_try *t, bool *recovery,
			struct oak_error *err)
{
	int64_t good = try_totp(db, t, err);
	int r;

	*recovery = false;
	if (good == 0) {
		good = try_recovery(db, t, err);
		*recovery = good > 0;
	}
	if (good < 0)
		return good;
	if (good)
		r = lockout_good(db, t->user->name, t->peer, err);
	else
		r = lockout_failed(db, t->user->name, t->peer, t->now_s, err);
	if (r == 0 && !good)
		r = user_told_failure(db, t->user, "code", t->peer, t->now_s, err);
	return r < 0 ? r : good;
}

int user_check_code(struct db *db, const struct code_try *t, bool *ret_recovery,
		    struct oak_error *err)
{
	bool recovery = false;
	int64_t good = lockout_check(db, t->user->name, t->peer, t->now_s, err);

	if (good == 0)
		good = db_begin(db, err);
	if (good < 0)
		return (int)good;
	good = try_both(db, t, &recovery, err);
	if (good >= 0) {
		int r = db_commit(db, err);

		good = r < 0 ? r : good;
	}
	if (good < 0) {
		db_rollback(db);
		return (int)good;
	}
	if (!good)
		return oak_fail(err, OAK_E_REFUSED, "the code is not the right one");
	*ret_recovery = recovery;
	return 0;
}
