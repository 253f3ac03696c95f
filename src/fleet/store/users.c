/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/users.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/store/rows.h"
#include "fleet/store/sessions.h"
#include "fleet/store/users-row.h"

static const struct db_statement insert = {
	"user: create",
	"INSERT INTO users (id, name, role, disabled, password, must_change, totp, totp_next, totp_step,"
	" issuer, subject, created_s, seen_s, password_s)"
	" VALUES ($1, $2, $3, 0, $4, $5, '', '', 0, $6, $7, $8, 0, $9)"
	" ON CONFLICT DO NOTHING",
	NULL
};
static const struct db_statement by_name = {
	"user: by name", "SELECT " USER_COLUMNS " FROM users u WHERE u.name = $1", NULL
};
static const struct db_statement by_id = { "user: by id",
					   "SELECT " USER_COLUMNS " FROM users u WHERE u.id = $1",
					   NULL };
static const struct db_statement by_subject = {
	"user: by subject",
	"SELECT " USER_COLUMNS " FROM users u WHERE u.issuer = $1 AND u.subject = $2", NULL
};
static const struct db_statement all = { "user: list",
					 "SELECT " USER_COLUMNS " FROM users u ORDER BY u.name",
					 NULL };
/* Those who can sign in; nobody else changes them until the transaction ends. */
#define ADMINS                                                                         \
	"SELECT id FROM users WHERE role = $1 AND disabled = 0 AND (password <> '' OR" \
	" issuer IS NOT NULL) ORDER BY id"
static const struct db_statement admins = { "user: admins", ADMINS, ADMINS " FOR UPDATE" };
static const struct db_statement set_role = { "user: role",
					      "UPDATE users SET role = $2 WHERE id = $1", NULL };
static const struct db_statement set_disabled = { "user: disable",
						  "UPDATE users SET disabled = $2 WHERE id = $1",
						  NULL };
static const struct db_statement set_password = {
	"user: password",
	"UPDATE users SET password = $2, must_change = $3, password_s = $4 WHERE id = $1", NULL
};
static const struct db_statement set_subject = {
	"user: subject", "UPDATE users SET issuer = $2, subject = $3 WHERE id = $1", NULL
};
static const struct db_statement drop = { "user: delete", "DELETE FROM users WHERE id = $1", NULL };
static const struct db_statement drop_codes = { "user: delete codes",
						"DELETE FROM recovery_codes WHERE person = $1",
						NULL };
static const struct db_statement revoke_tokens = {
	"user: revoke tokens",
	"UPDATE api_tokens SET revoked_s = $2 WHERE person = $1 AND revoked_s = 0", NULL
};

void user_read_row(const struct db_row *row, struct user *ret)
{
	*ret = (struct user){ 0 };
	rows_copy(ret->id, row, 0);
	rows_copy(ret->name, row, 1);
	ret->role = (enum person_role)db_row_int(row, 2);
	ret->disabled = db_row_int(row, 3) != 0;
	ret->has_password = db_row_int(row, 4) != 0;
	ret->has_totp = db_row_int(row, 5) != 0;
	ret->must_change = db_row_int(row, 6) != 0;
	ret->created_s = db_row_int(row, 7);
	ret->seen_s = db_row_int(row, 8);
	ret->password_s = db_row_int(row, 9);
}

/* A word of ASCII, in small letters. */
int user_fold_name(const char *name, char ret[PERSON_NAME_MAX + 1], struct oak_error *err)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz0123456789._+@-";
	size_t len = name ? strlen(name) : 0;

	if (!len || len > PERSON_NAME_MAX)
		return oak_fail(err, OAK_E_FORMAT, "name: must have 1 to %u characters",
				PERSON_NAME_MAX);
	for (size_t i = 0; i < len; i++)
		ret[i] = (char)tolower((unsigned char)name[i]);
	ret[len] = '\0';
	if (strspn(ret, fine) != len || strchr("._+@-", ret[0]))
		return oak_fail(err, OAK_E_FORMAT,
				"name: must be letters, digits and \".\", \"_\", \"+\", \"@\", \"-\", "
				"and begin with a letter or digit");
	return 0;
}

static int take(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	user_read_row(row, ctx);
	return 1;
}

static int find(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
		struct user *ret, struct oak_error *err)
{
	struct user u = { 0 };
	int64_t r = db_query(db, s, args, n, take, &u, err);

	if (!r)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	if (r < 0)
		return (int)r;
	*ret = u;
	return 0;
}

int user_by_name(struct db *db, const char *name, struct user *ret, struct oak_error *err)
{
	char folded[PERSON_NAME_MAX + 1];
	struct db_value arg;

	if (user_fold_name(name, folded, NULL) < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	arg = db_text(folded);
	return find(db, &by_name, &arg, 1, ret, err);
}

int user_by_id(struct db *db, const char *id, struct user *ret, struct oak_error *err)
{
	const struct db_value arg = db_text(id);

	return find(db, &by_id, &arg, 1, ret, err);
}

int user_by_subject(struct db *db, const char *issuer, const char *subject, struct user *ret,
		    struct oak_error *err)
{
	const struct db_value args[] = { db_text(issuer), db_text(subject) };

	return find(db, &by_subject, args, 2, ret, err);
}

static int check_new(const struct user_new *u, char name[PERSON_NAME_MAX + 1], struct oak_error *err)
{
	int r = user_fold_name(u->name, name, err);

	if (r < 0)
		return r;
	if (!u->issuer != !u->subject || (u->issuer && (!u->issuer[0] || !u->subject[0])))
		return oak_fail(err, OAK_E_FORMAT, "subject: goes with an issuer");
	if (!u->password && !u->issuer)
		return oak_fail(err, OAK_E_FORMAT, "password: is missing");
	return u->password ? password_check(u->password, name, err) : 0;
}

int user_create(struct db *db, const struct user_new *u, int64_t now_s, struct user *ret,
		struct oak_error *err)
{
	char name[PERSON_NAME_MAX + 1], hash[PASSWORD_HASH] = "", id[17];
	uint8_t random[8];
	int64_t r = check_new(u, name, err);

	if (r == 0 && u->password)
		r = password_hash(u->password, hash, err);
	if (r < 0)
		return (int)r;
	randombytes_buf(random, sizeof(random));
	hex_encode(random, sizeof(random), id);
	r = db_run(db, &insert,
		   (const struct db_value[]){ db_text(id), db_text(name), db_int(u->role),
					      db_text(hash), db_int(u->must_change),
					      db_text(u->issuer), db_text(u->subject),
					      db_int(now_s), db_int(u->password ? now_s : 0) },
		   9, err);
	if (!r)
		r = oak_fail(err, OAK_E_REFUSED, "name: there is a person with it");
	return r < 0 ? (int)r : user_by_id(db, id, ret, err);
}

static json_t *row_json(const struct db_row *row)
{
	struct user u;

	user_read_row(row, &u);
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:o, s:o}", "id", u.id, "name",
			 u.name, "role", role_name(u.role), "disabled", (int)u.disabled,
			 "must_change", (int)u.must_change, "totp", (int)u.has_totp, "password",
			 (int)u.has_password, "oidc", !db_row_is_null(row, 10), "created",
			 rows_time(u.created_s), "seen", rows_time(u.seen_s));
}

static int list_row(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx, row_json(row), err);
}

static int list(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
		json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *array = json_array();
	int64_t r = array ? db_query(db, s, args, n, list_row, array, err)
			  : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return (int)r;
	*ret = take_ptr(array);
	return 0;
}

int user_list(struct db *db, json_t **ret, struct oak_error *err)
{
	return list(db, &all, NULL, 0, ret, err);
}

int user_json(struct db *db, const char *id, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *array = NULL;
	const struct db_value arg = db_text(id);
	int r = list(db, &by_id, &arg, 1, &array, err);

	if (r < 0)
		return r;
	if (!json_array_size(array))
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	*ret = json_incref(json_array_get(array, 0));
	return 0;
}

struct others {
	const char *id;
	bool is_one;
	unsigned n;
};

static int count_others(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct others *o = ctx;

	if (strcmp(db_row_text(row, 0), o->id) == 0)
		o->is_one = true;
	else
		o->n++;
	return 0;
}

/* Somebody must be able to let people in, or nobody ever could again. */
static int keep_an_admin(struct db *db, const char *id, struct oak_error *err)
{
	const struct db_value role = db_int(ROLE_ADMIN);
	struct others o = { .id = id };
	int64_t r = db_query(db, &admins, &role, 1, count_others, &o, err);

	if (r >= 0 && o.is_one && !o.n)
		return oak_fail(err, OAK_E_REFUSED,
				"this is the last admin who can sign in: make another one first");
	return r < 0 ? (int)r : 0;
}

/* One column of one person. */
static int change(struct db *db, const struct db_statement *s, const struct db_value *args,
		  size_t n, struct oak_error *err)
{
	int64_t r = db_run(db, s, args, n, err);

	if (!r)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such person");
	return r < 0 ? (int)r : 0;
}

int user_set_role(struct db *db, const char *id, enum person_role role, struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_int(role) };
	struct user u;
	int r = user_by_id(db, id, &u, err);

	if (r < 0 || u.role == role)
		return r;
	if (u.role == ROLE_ADMIN)
		r = keep_an_admin(db, id, err);
	if (r == 0)
		r = change(db, &set_role, args, 2, err);
	return r < 0 ? r : session_end_all(db, id, NULL, err);
}

int user_set_disabled(struct db *db, const char *id, bool disabled, struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_int(disabled) };
	int r = disabled ? keep_an_admin(db, id, err) : 0;

	if (r == 0)
		r = change(db, &set_disabled, args, 2, err);
	return r < 0 || !disabled ? r : session_end_all(db, id, NULL, err);
}

int user_delete(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_int(now_s) };
	int r = keep_an_admin(db, id, err);

	if (r == 0)
		r = change(db, &drop, args, 1, err);
	if (r == 0)
		r = rows_run(db, &drop_codes, args, 1, err);
	if (r == 0)
		r = rows_run(db, &revoke_tokens, args, 2, err);
	return r < 0 ? r : session_end_all(db, id, NULL, err);
}

int user_put_hash(struct db *db, const char *id, const char hash[PASSWORD_HASH], bool must_change,
		  int64_t now_s, struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_text(hash), db_int(must_change),
					 db_int(now_s) };

	return change(db, &set_password, args, 4, err);
}

int user_set_password(struct db *db, const char *id, const char *password, bool must_change,
		      int64_t now_s, struct oak_error *err)
{
	char hash[PASSWORD_HASH];
	struct user u;
	int r = user_by_id(db, id, &u, err);

	if (r == 0)
		r = password_check(password, u.name, err);
	if (r == 0)
		r = password_hash(password, hash, err);
	if (r == 0)
		r = user_put_hash(db, id, hash, must_change, now_s, err);
	return r < 0 ? r : session_end_all(db, id, NULL, err);
}

int user_set_subject(struct db *db, const char *id, const char *issuer, const char *subject,
		     struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_text(issuer), db_text(subject) };

	return change(db, &set_subject, args, 3, err);
}
