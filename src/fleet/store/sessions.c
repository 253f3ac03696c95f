/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/sessions.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/store/audit.h"
#include "fleet/store/rows.h"
#include "fleet/store/users-row.h"

#define SEEN_EVERY_S 60
#define AGENT_MAX    200 /* bytes of User-Agent that are kept */
#define PER_PERSON   20  /* the oldest ones end */

static const struct db_statement insert = {
	"session: create",
	"INSERT INTO sessions (id, secret, person, csrf, state, peer, agent, made_s, seen_s, proved_s)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)",
	NULL
};
static const struct db_statement crowd_out = {
	"session: crowd out",
	"DELETE FROM sessions WHERE person = $1 AND id NOT IN (SELECT id FROM sessions WHERE"
	" person = $1 ORDER BY made_s DESC, id LIMIT $2)",
	NULL
};
static const struct db_statement find = {
	"session: find",
	"SELECT " USER_COLUMNS ", s.id, s.csrf, s.state, s.made_s, s.seen_s, s.proved_s"
	" FROM sessions s JOIN users u ON u.id = s.person WHERE s.secret = $1",
	NULL
};
static const struct db_statement touch = { "session: seen",
					   "UPDATE sessions SET seen_s = $2 WHERE id = $1", NULL };
static const struct db_statement touch_user = { "session: user seen",
						"UPDATE users SET seen_s = $2 WHERE id = $1",
						NULL };
static const struct db_statement renew = {
	"session: renew",
	"UPDATE sessions SET secret = $2, csrf = $3, state = $4, seen_s = $5, proved_s = $5"
	" WHERE secret = $1",
	NULL
};
static const struct db_statement drop = { "session: end", "DELETE FROM sessions WHERE secret = $1",
					  NULL };
static const struct db_statement drop_one = { "session: end one",
					      "DELETE FROM sessions WHERE person = $1 AND id = $2",
					      NULL };
static const struct db_statement drop_all = { "session: end all",
					      "DELETE FROM sessions WHERE person = $1 AND id <> $2",
					      NULL };
static const struct db_statement list = {
	"session: list",
	"SELECT id, peer, agent, made_s, seen_s FROM sessions WHERE person = $1 AND state = $2"
	" AND seen_s > $3 AND made_s > $4 ORDER BY seen_s DESC, id",
	NULL
};
static const struct db_statement tidy = { "session: tidy",
					  "DELETE FROM sessions WHERE seen_s <= $1 OR made_s <= $2",
					  NULL };

static void random_text(char *ret, size_t size)
{
	uint8_t bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	(void)sodium_bin2base64(ret, size, bytes, sizeof(bytes),
				sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

static void hash_of(const char *secret, char ret[SHA256_HEX_MAX])
{
	sha256_hex(secret, strlen(secret), ret);
}

static int tell(struct db *db, const char *action, const struct session *s, json_t *detail,
		int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *kept = detail;
	char who[sizeof("user:") + PERSON_NAME_MAX];

	(void)snprintf(who, sizeof(who), "user:%s", s->user.name);
	return audit_add(db,
			 &(const struct audit_entry){ .who = who,
						      .action = action,
						      .subject = s->user.id,
						      .detail = kept,
						      .at_s = now_s },
			 err);
}

int session_create(struct db *db, const struct user *u, enum session_state state,
		   const struct session_from *from, char ret_secret[SESSION_SECRET],
		   struct oak_error *err)
{
	char secret[SESSION_SECRET], hash[SHA256_HEX_MAX], kept[AGENT_MAX + 1];
	struct session s = { .user = *u };
	uint8_t id[8];
	int r;

	randombytes_buf(id, sizeof(id));
	hex_encode(id, sizeof(id), s.id);
	random_text(secret, sizeof(secret));
	random_text(s.csrf, sizeof(s.csrf));
	hash_of(secret, hash);
	(void)snprintf(kept, sizeof(kept), "%s", from->agent ? from->agent : "");
	for (char *c = kept; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	r = rows_run(db, &insert,
		     (const struct db_value[]){ db_text(s.id), db_text(hash), db_text(u->id),
						db_text(s.csrf), db_int(state), db_text(from->peer),
						db_text(kept), db_int(from->now_s) },
		     8, err);
	if (r == 0)
		r = rows_run(db, &crowd_out,
			     (const struct db_value[]){ db_text(u->id), db_int(PER_PERSON) }, 2,
			     err);
	if (r == 0 && state == SESSION_FULL)
		r = tell(db, "user.sign-in", &s,
			 json_pack("{s:s, s:s}", "peer", from->peer, "session", s.id), from->now_s,
			 err);
	if (r < 0)
		return r;
	memcpy(ret_secret, secret, sizeof(secret));
	return 0;
}

static int take(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct session *s = ctx;
	int at = USER_COLUMNS_N;

	user_read_row(row, &s->user);
	rows_copy(s->id, row, at++);
	rows_copy(s->csrf, row, at++);
	s->state = (enum session_state)db_row_int(row, at++);
	s->made_s = db_row_int(row, at++);
	s->seen_s = db_row_int(row, at++);
	s->proved_s = db_row_int(row, at);
	return 1;
}

static bool is_over(const struct session *s, int64_t now_s)
{
	int64_t idle_s = s->state == SESSION_FULL ? SESSION_IDLE_S : SESSION_HALF_S;
	int64_t from_s = s->state == SESSION_FULL ? s->seen_s : s->made_s;

	return s->user.disabled || now_s - from_s >= idle_s || now_s - s->made_s >= SESSION_MAX_S;
}

static int read_one(struct db *db, const char *secret, int64_t now_s, struct session *ret,
		    struct oak_error *err)
{
	struct session s = { 0 };
	char hash[SHA256_HEX_MAX];
	struct db_value arg;
	int64_t r;

	hash_of(secret, hash);
	arg = db_text(hash);
	r = db_query(db, &find, &arg, 1, take, &s, err);
	if (r >= 0 && (!r || is_over(&s, now_s)))
		r = oak_fail(err, OAK_E_NOTFOUND, "nobody is signed in, or no longer");
	if (r < 0)
		return (int)r;
	*ret = s;
	return 0;
}

static int write_seen(struct db *db, const struct session *s, int64_t now_s, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (r < 0)
		return r;
	r = rows_run(db, &touch, (const struct db_value[]){ db_text(s->id), db_int(now_s) }, 2, err);
	if (r == 0)
		r = rows_run(db, &touch_user,
			     (const struct db_value[]){ db_text(s->user.id), db_int(now_s) }, 2,
			     err);
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}

int session_check(struct db *db, const char *secret, int64_t now_s, struct session *ret,
		  struct oak_error *err)
{
	struct session s;
	int r = read_one(db, secret, now_s, &s, err);

	if (r == 0 && s.state == SESSION_FULL && now_s - s.seen_s >= SEEN_EVERY_S) {
		/* A page is not refused as the database is busy with others: the next one writes it. */
		r = write_seen(db, &s, now_s, err);
		r = r == -OAK_E_AGAIN ? 0 : r;
		s.seen_s = now_s;
	}
	if (r < 0)
		return r;
	*ret = s;
	return 0;
}

int session_renew(struct db *db, const char *secret, enum session_state state, int64_t now_s,
		  char ret_secret[SESSION_SECRET], struct oak_error *err)
{
	char new[SESSION_SECRET], csrf[PERSON_CSRF_LEN + 1];
	char old_hash[SHA256_HEX_MAX], hash[SHA256_HEX_MAX];
	struct session s;
	int r = read_one(db, secret, now_s, &s, err);

	if (r < 0)
		return r;
	random_text(new, sizeof(new));
	random_text(csrf, sizeof(csrf));
	hash_of(secret, old_hash);
	hash_of(new, hash);
	r = rows_run(db, &renew,
		     (const struct db_value[]){ db_text(old_hash), db_text(hash), db_text(csrf),
						db_int(state), db_int(now_s) },
		     5, err);
	if (r == 0 && state == SESSION_FULL && s.state != SESSION_FULL)
		r = tell(db, "user.sign-in", &s, json_pack("{s:s}", "session", s.id), now_s, err);
	if (r < 0)
		return r;
	memcpy(ret_secret, new, sizeof(new));
	return 0;
}

int session_end(struct db *db, const char *secret, int64_t now_s, struct oak_error *err)
{
	char hash[SHA256_HEX_MAX];
	struct session s;
	struct db_value arg;
	int r = read_one(db, secret, now_s, &s, err);

	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r < 0)
		return r;
	hash_of(secret, hash);
	arg = db_text(hash);
	r = rows_run(db, &drop, &arg, 1, err);
	return r < 0 ? r
		     : tell(db, "user.sign-out", &s, json_pack("{s:s}", "session", s.id), now_s,
			    err);
}

int session_end_one(struct db *db, const char *user, const char *id, struct oak_error *err)
{
	const struct db_value args[] = { db_text(user), db_text(id) };
	int64_t r = db_run(db, &drop_one, args, 2, err);

	if (!r)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such session");
	return r < 0 ? (int)r : 0;
}

int session_end_all(struct db *db, const char *user, const char *but, struct oak_error *err)
{
	const struct db_value args[] = { db_text(user), db_text(but ? but : "") };

	return rows_run(db, &drop_all, args, 2, err);
}

static int list_row(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx,
			   json_pack("{s:s, s:s, s:s, s:I, s:I}", "id", db_row_text(row, 0), "peer",
				     db_row_text(row, 1), "agent", db_row_text(row, 2), "created",
				     (json_int_t)db_row_int(row, 3), "seen",
				     (json_int_t)db_row_int(row, 4)),
			   err);
}

int session_list(struct db *db, const char *user, int64_t now_s, json_t **ret, struct oak_error *err)
{
	const struct db_value args[] = { db_text(user), db_int(SESSION_FULL),
					 db_int(now_s - SESSION_IDLE_S),
					 db_int(now_s - SESSION_MAX_S) };
	_cleanup_(json_decrefp) json_t *array = json_array();
	int64_t r = array ? db_query(db, &list, args, 4, list_row, array, err)
			  : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return (int)r;
	*ret = take_ptr(array);
	return 0;
}

int session_tidy(struct db *db, int64_t now_s, struct oak_error *err)
{
	const struct db_value args[] = { db_int(now_s - SESSION_IDLE_S),
					 db_int(now_s - SESSION_MAX_S) };

	return rows_run(db, &tidy, args, 2, err);
}
