/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it this person's password? */
#include <stdio.h>
#include <string.h>

#include "fleet/store/audit.h"
#include "fleet/store/lockout.h"
#include "fleet/store/rows.h"
#include "fleet/store/users-row.h"

static const struct db_statement secret = {
	"user: secret", "SELECT " USER_COLUMNS ", u.password FROM users u WHERE u.name = $1", NULL
};
static const struct db_statement seen = { "user: seen",
					  "UPDATE users SET seen_s = $2 WHERE id = $1", NULL };

struct found {
	struct user user; /* id "": nobody */
	char hash[PASSWORD_HASH];
};

static int take(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct found *f = ctx;

	user_read_row(row, &f->user);
	rows_copy(f->hash, row, USER_COLUMNS_N);
	return 1;
}

int user_told_failure(struct db *db, const struct user *u, const char *what, const char *peer,
		      int64_t now_s, struct oak_error *err)
{
	/* What nobody is called may be a password in the wrong field. */
	_cleanup_(json_decrefp) json_t *detail = json_pack("{s:s, s:s, s:s*}", "what", what, "peer",
							   peer, "name", u->id[0] ? u->name : NULL);

	if (!detail)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return audit_add(db,
			 &(const struct audit_entry){ .who = "server",
						      .action = "user.sign-in-failed",
						      .subject = u->id,
						      .detail = detail,
						      .at_s = now_s },
			 err);
}

static int count(struct db *db, const struct found *f, const char *name, const char *peer,
		 bool good, int64_t now_s, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (r < 0)
		return r;
	/* With a second factor a password is half a sign-in: it must not make room for more wrong codes. */
	if (good && !f->user.has_totp)
		r = lockout_good(db, name, peer, err);
	else if (!good)
		r = lockout_failed(db, name, peer, now_s, err);
	if (r == 0 && good)
		r = rows_run(db, &seen,
			     (const struct db_value[]){ db_text(f->user.id), db_int(now_s) }, 2,
			     err);
	else if (r == 0)
		r = user_told_failure(db, &f->user, "password", peer, now_s, err);
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

int user_check_password(struct db *db, const char *name, const char *password, const char *peer,
			int64_t now_s, struct user *ret, struct oak_error *err)
{
	char folded[PERSON_NAME_MAX + 1] = "";
	struct found f = { 0 };
	struct db_value arg;
	int64_t n = 0;
	bool good;
	int r;

	/* A name that cannot be one is counted as all others are, by network. */
	(void)!user_fold_name(name, folded, NULL);
	r = lockout_check(db, folded, peer, now_s, err);
	if (r < 0)
		return r;
	arg = db_text(folded);
	n = db_query(db, &secret, &arg, 1, take, &f, err);
	if (n < 0)
		return (int)n;
	r = strlen(password) > PASSWORD_MAX ? -OAK_E_REFUSED
					    : password_verify(f.hash, password, err);
	if (r < 0 && r != -OAK_E_REFUSED)
		return r;
	good = r == 0 && !f.user.disabled;
	r = count(db, &f, folded, peer, good, now_s, err);
	if (r < 0)
		return r;
	if (!good)
		return oak_fail(err, OAK_E_REFUSED, "the name or the password is wrong");
	*ret = f.user;
	return 0;
}
