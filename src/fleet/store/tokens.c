/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tokens.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/people/person.h"
#include "fleet/store/rows.h"
#include "fleet/store/tags.h"
#include "fleet/store/tokens-text.h"

#define NAME_BYTES_MAX 64

static const struct db_statement api_insert = {
	"token: create",
	"INSERT INTO api_tokens (id, name, scopes, created_s, expires_s, secret, person)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
	NULL
};
#define API_COLUMNS                                                                       \
	"t.id, t.name, t.scopes, t.created_s, t.expires_s, t.revoked_s, t.person, u.name" \
	" FROM api_tokens t LEFT JOIN users u ON u.id = t.person"
static const struct db_statement api_one = { "token: one", "SELECT " API_COLUMNS " WHERE t.id = $1",
					     NULL };
static const struct db_statement api_all = { "token: list",
					     "SELECT " API_COLUMNS " ORDER BY t.created_s, t.id",
					     NULL };
static const struct db_statement api_any = { "token: any", "SELECT count(*) FROM api_tokens", NULL };
static const struct db_statement api_revoke = {
	"token: revoke",
	"UPDATE api_tokens SET revoked_s = CASE WHEN revoked_s > 0 THEN revoked_s ELSE $2 END"
	" WHERE id = $1",
	NULL
};
static const struct db_statement api_find = {
	"token: find",
	"SELECT t.secret, t.name, t.scopes, t.expires_s, t.revoked_s, t.person, u.role"
	" FROM api_tokens t LEFT JOIN users u ON u.id = t.person AND u.disabled = 0 WHERE t.id = $1",
	NULL
};
static const struct db_statement enrol_insert = {
	"enrolment token: create",
	"INSERT INTO enrol_tokens (id, name, ring, tags, own_tags, uses, created_s, expires_s, secret)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	NULL
};
static const struct db_statement enrol_all = {
	"enrolment token: list",
	"SELECT id, name, ring, tags, own_tags, uses, used, created_s, expires_s, revoked_s"
	" FROM enrol_tokens ORDER BY created_s, id",
	NULL
};
static const struct db_statement enrol_one = {
	"enrolment token: get",
	"SELECT id, name, ring, tags, own_tags, uses, used, created_s, expires_s, revoked_s"
	" FROM enrol_tokens WHERE id = $1",
	NULL
};
static const struct db_statement enrol_revoke = {
	"enrolment token: revoke",
	"UPDATE enrol_tokens SET revoked_s = CASE WHEN revoked_s > 0 THEN revoked_s ELSE $2 END"
	" WHERE id = $1",
	NULL
};

void token_make(const char *prefix, struct token_text *ret)
{
	uint8_t id[8], secret[32];
	char hex[65];

	randombytes_buf(id, sizeof(id));
	randombytes_buf(secret, sizeof(secret));
	hex_encode(id, sizeof(id), ret->id);
	hex_encode(secret, sizeof(secret), hex);
	(void)snprintf(ret->text, sizeof(ret->text), "%s%s-%s", prefix, ret->id, hex);
	sha256_hex(ret->text, strlen(ret->text), ret->sha256);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(hex, sizeof(hex));
}

bool token_split(const char *prefix, const char *text, struct token_text *ret)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = strlen(prefix), all = strlen(text);

	if (all != len + 16 + 1 + 64 || strncmp(text, prefix, len) != 0 ||
	    strspn(text + len, hex) != 16 || text[len + 16] != '-' ||
	    strspn(text + len + 17, hex) != 64)
		return false;
	memcpy(ret->id, text + len, 16);
	ret->id[16] = '\0';
	memcpy(ret->text, text, all + 1);
	sha256_hex(text, all, ret->sha256);
	return true;
}

bool token_is(const struct token_text *t, const char *sha256)
{
	return strlen(sha256) == sizeof(t->sha256) - 1 &&
	       !sodium_memcmp(t->sha256, sha256, sizeof(t->sha256) - 1);
}

static int check_name(const char *name, struct oak_error *err)
{
	size_t len = name ? strlen(name) : 0;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return oak_fail(err, OAK_E_FORMAT, "name: has a control character");
	if (!len || len > NAME_BYTES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "name: not 1 to %d bytes", NAME_BYTES_MAX);
	return 0;
}

static int check_expires(int64_t expires_s, int64_t now_s, struct oak_error *err)
{
	if (expires_s < 0 || (expires_s && expires_s <= now_s))
		return oak_fail(err, OAK_E_FORMAT, "expires: has passed");
	return 0;
}

static json_t *enrol_json(const struct db_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:I, s:I, s:o, s:o, s:o}", "id",
			 db_row_text(row, 0), "name", db_row_text(row, 1), "ring",
			 db_row_text(row, 2), "tags", tags_json(db_row_text(row, 3)), "own_tags",
			 db_row_int(row, 4) != 0, "uses", (json_int_t)db_row_int(row, 5), "used",
			 (json_int_t)db_row_int(row, 6), "created", rows_time(db_row_int(row, 7)),
			 "expires", rows_time(db_row_int(row, 8)), "revoked",
			 rows_time(db_row_int(row, 9)));
}

static int list_enrol(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx, enrol_json(row), err);
}

static int take_enrol(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *j = enrol_json(row);

	*(json_t **)ctx = j;
	return j ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int enrol_token_create(struct db *db, const struct enrol_token_new *t, int64_t now_s,
		       char ret_secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *made = NULL;
	_cleanup_(freep) char *tags = NULL;
	struct token_text text;
	int64_t r = check_name(t->name, err);

	if (!r)
		r = check_expires(t->expires_s, now_s, err);
	if (!r && (!t->ring || !ring_is_good(t->ring)))
		r = oak_fail(err, OAK_E_FORMAT,
			     "ring: not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\"");
	if (!r)
		r = tags_from_json(t->tags, &tags, err);
	if (r < 0)
		return (int)r;
	token_make(ENROL_TOKEN_PREFIX, &text);
	r = db_run(db, &enrol_insert,
		   (const struct db_value[]){ db_text(text.id), db_text(t->name), db_text(t->ring),
					      db_text(tags), db_int(t->own_tags), db_int(t->uses),
					      db_int(now_s), db_int(t->expires_s),
					      db_text(text.sha256) },
		   9, err);
	if (r >= 0)
		r = db_query(db, &enrol_one, (const struct db_value[]){ db_text(text.id) }, 1,
			     take_enrol, &made, err);
	if (r < 0)
		return (int)r;
	(void)snprintf(ret_secret, TOKEN_TEXT_MAX, "%s", text.text);
	*ret = take_ptr(made);
	return 0;
}

static int list(struct db *db, const struct db_statement *s,
		int (*each)(void *ctx, const struct db_row *row, struct oak_error *err),
		json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *all = json_array();
	int64_t r = all ? db_query(db, s, NULL, 0, each, all, err)
			: oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return (int)r;
	*ret = take_ptr(all);
	return 0;
}

int enrol_token_list(struct db *db, json_t **ret, struct oak_error *err)
{
	return list(db, &enrol_all, list_enrol, ret, err);
}

static int revoke_token(struct db *db, const struct db_statement *s, const char *id, int64_t now_s,
			struct oak_error *err)
{
	const struct db_value args[] = { db_text(id), db_int(now_s) };
	int64_t r = db_run(db, s, args, 2, err);

	if (!r)
		return oak_fail(err, OAK_E_NOTFOUND, "no such token");
	return r < 0 ? (int)r : 0;
}

int enrol_token_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
{
	return revoke_token(db, &enrol_revoke, id, now_s, err);
}

/* Of a person who is gone: his id, so that nobody takes it for nobody's. */
static json_t *api_json(const struct db_row *row)
{
	const char *person = db_row_text(row, 6), *name = db_row_text(row, 7);

	return json_pack("{s:s, s:s, s:I, s:s?, s:o, s:o, s:o}", "id", db_row_text(row, 0), "name",
			 db_row_text(row, 1), "scopes", (json_int_t)db_row_int(row, 2), "person",
			 name[0]     ? name
			 : person[0] ? person
				     : NULL,
			 "created", rows_time(db_row_int(row, 3)), "expires",
			 rows_time(db_row_int(row, 4)), "revoked", rows_time(db_row_int(row, 5)));
}

static int list_api(void *ctx, const struct db_row *row, struct oak_error *err)
{
	return rows_append(ctx, api_json(row), err);
}

static int take_api(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *j = api_json(row);

	*(json_t **)ctx = j;
	return j ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int api_token_create(struct db *db, const struct api_token_new *t, int64_t now_s,
		     char ret_secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
{
	struct token_text text;
	int64_t r = check_name(t->name, err);
	json_t *made = NULL;

	if (!r)
		r = check_expires(t->expires_s, now_s, err);
	if (r < 0)
		return (int)r;
	token_make(API_TOKEN_PREFIX, &text);
	const struct db_value args[] = { db_text(text.id),
					 db_text(t->name),
					 db_int(t->scopes),
					 db_int(now_s),
					 db_int(t->expires_s),
					 db_text(text.sha256),
					 db_text(t->person ? t->person : "") };

	r = db_run(db, &api_insert, args, 7, err);
	if (!r)
		r = oak_fail(err, OAK_E_REFUSED, "name: there is a token with it");
	if (r >= 0)
		r = db_query(db, &api_one, args, 1, take_api, &made, err);
	if (r < 0)
		return (int)r;
	(void)snprintf(ret_secret, TOKEN_TEXT_MAX, "%s", text.text);
	*ret = made;
	return 0;
}

int api_token_any(struct db *db, bool *ret, struct oak_error *err)
{
	int64_t count = 0, n = db_query(db, &api_any, NULL, 0, rows_int, &count, err);

	*ret = count > 0;
	return n < 0 ? (int)n : 0;
}

int api_token_list(struct db *db, json_t **ret, struct oak_error *err)
{
	return list(db, &api_all, list_api, ret, err);
}

int api_token_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
{
	return revoke_token(db, &api_revoke, id, now_s, err);
}

struct checked {
	const struct token_text *text;
	struct api_token token;
	int64_t now_s;
	bool good;
};

static int check_api(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct checked *c = ctx;
	int64_t expires_s = db_row_int(row, 3);

	rows_copy(c->token.name, row, 1);
	rows_copy(c->token.person, row, 5);
	c->token.scopes = (uint32_t)db_row_int(row, 2);
	if (c->token.person[0] && !db_row_is_null(row, 6))
		c->token.scopes &= role_scopes((enum person_role)db_row_int(row, 6));
	c->good = token_is(c->text, db_row_text(row, 0)) && (!expires_s || expires_s > c->now_s) &&
		  !db_row_int(row, 4) && (!c->token.person[0] || !db_row_is_null(row, 6));
	return 1;
}

int api_token_check(struct db *db, const char *secret, int64_t now_s, struct api_token *ret,
		    struct oak_error *err)
{
	struct token_text text;
	struct checked c = { .text = &text, .now_s = now_s };
	int64_t r = 0;

	if (token_split(API_TOKEN_PREFIX, secret, &text))
		r = db_query(db, &api_find, (const struct db_value[]){ db_text(text.id) }, 1,
			     check_api, &c, err);
	if (r >= 0 && !c.good)
		r = oak_fail(err, OAK_E_NOTFOUND,
			     "the token is unknown, has expired or was revoked");
	if (r < 0)
		return (int)r;
	*ret = c.token;
	return 0;
}
