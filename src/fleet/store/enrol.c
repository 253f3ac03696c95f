/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fleet/store/facts.h"
#include "fleet/store/host-tags.h"
#include "fleet/store/rows.h"
#include "fleet/store/tags.h"
#include "fleet/store/tokens-text.h"

static const struct db_statement find_token = {
	"enrol: token",
	"SELECT secret, ring, tags, own_tags, uses, used, expires_s, revoked_s"
	" FROM enrol_tokens WHERE id = $1",
	NULL
};
/* The condition is seen again by whoever waited for the row: no use is given away twice. */
static const struct db_statement use_token = {
	"enrol: use",
	"UPDATE enrol_tokens SET used = used + 1 WHERE id = $1 AND (uses = 0 OR used < uses)", NULL
};
static const struct db_statement find_host = {
	"enrol: host", "SELECT name, ring, tags, revoked_s FROM hosts WHERE id = $1", NULL
};
static const struct db_statement insert_host = {
	"enrol: add",
	"INSERT INTO hosts (id, key, name, machine, token, ring, tags, fixed_tags, own_tags,"
	" enrolled_s, seen_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"
	" ON CONFLICT (id) DO NOTHING",
	NULL
};
static const struct db_statement number_of = { "enrol: number", "SELECT n FROM hosts WHERE id = $1",
					       NULL };

struct token_row {
	const struct token_text *text;
	bool known;
	char ring[REPORT_WORD_MAX];
	char *tags;
	int64_t own_tags, uses, used, expires_s, revoked_s;
};

static void token_row_clear(struct token_row *t)
{
	free(t->tags);
}

static int take_token(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct token_row *t = ctx;

	t->known = token_is(t->text, db_row_text(row, 0));
	rows_copy(t->ring, row, 1);
	t->tags = strdup(db_row_text(row, 2));
	t->own_tags = db_row_int(row, 3);
	t->uses = db_row_int(row, 4);
	t->used = db_row_int(row, 5);
	t->expires_s = db_row_int(row, 6);
	t->revoked_s = db_row_int(row, 7);
	return t->tags ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

struct host_row {
	const char *id;
	json_t *json;
	bool revoked;
};

static json_t *host_json(const char *id, const char *name, const char *ring, const char *tags)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "host", id, "name", name, "ring", ring, "tags",
			 tags_json(tags));
}

static int take_host(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct host_row *h = ctx;

	h->json = host_json(h->id, db_row_text(row, 0), db_row_text(row, 1), db_row_text(row, 2));
	h->revoked = db_row_int(row, 3) != 0;
	return h->json ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Was this very key enrolled before? *ret stays NULL where it was not. */
static int before(struct db *db, const char *id, json_t **ret, const char **ret_code,
		  struct oak_error *err)
{
	struct host_row h = { .id = id };
	_cleanup_(json_decrefp) json_t *json = NULL;
	int64_t r = db_query(db, &find_host, (const struct db_value[]){ db_text(id) }, 1, take_host,
			     &h, err);

	json = h.json;
	if (r < 0)
		return (int)r;
	if (h.revoked) {
		*ret_code = "key-revoked";
		return oak_fail(err, OAK_E_REFUSED, "the host of this key was revoked");
	}
	*ret = take_ptr(json);
	return 0;
}

static int refuse(const char **ret_code, const char *code, const char *what, struct oak_error *err)
{
	*ret_code = code;
	return oak_fail(err, OAK_E_REFUSED, "the enrolment token %s", what);
}

/* Takes one of its uses. */
static int use(struct db *db, const struct token_row *t, int64_t now_s, const char **ret_code,
	       struct oak_error *err)
{
	int64_t n;

	if (t->revoked_s)
		return refuse(ret_code, "token-revoked", "was revoked", err);
	if (t->expires_s && t->expires_s <= now_s)
		return refuse(ret_code, "token-expired", "has expired", err);
	n = db_run(db, &use_token, (const struct db_value[]){ db_text(t->text->id) }, 1, err);
	if (!n)
		return refuse(ret_code, "token-spent", "has been used as often as it may be", err);
	return n < 0 ? (int)n : 0;
}

/* Return: 1: added; 0: somebody else did at the same time. */
static int add_host(struct db *db, const struct enrolment *e, const char *id,
		    const struct token_row *t, const char *tags, struct oak_error *err)
{
	struct host_facts facts = { .cves_open = -1, .containers = -1, .audit_score = -1 };
	int64_t n = 0, r;

	r = db_run(db, &insert_host,
		   (const struct db_value[]){ db_text(id), db_blob(e->key, 32), db_text(e->name),
					      db_text(e->machine), db_text(t->text->id),
					      db_text(t->ring), db_text(tags), db_text(t->tags),
					      db_int(t->own_tags), db_int(e->now_s) },
		   10, err);
	if (r <= 0)
		return (int)r;
	r = db_query(db, &number_of, (const struct db_value[]){ db_text(id) }, 1, rows_int, &n, err);
	if (r >= 0)
		r = host_tags_change(db, n, "", tags, err);
	if (r < 0)
		return (int)r;
	(void)snprintf(facts.ring, sizeof(facts.ring), "%s", t->ring);
	r = facts_count(db, NULL, &facts, err);
	return r < 0 ? (int)r : 1;
}

static int enrol_new(struct db *db, const struct enrolment *e, const char *id,
		     const struct token_row *t, json_t **ret, struct oak_error *err)
{
	_cleanup_(freep) char *own = NULL;
	_cleanup_(freep) char *tags = NULL;
	int r = tags_from_host(t->own_tags ? e->tags : NULL, &own, err);

	if (!r)
		r = tags_union(t->tags, own, &tags, err);
	if (!r)
		r = add_host(db, e, id, t, tags, err);
	if (r <= 0)
		return r ? r : oak_fail(err, OAK_E_AGAIN, "this key is being enrolled already");
	*ret = host_json(id, e->name, t->ring, tags);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int enrol(struct db *db, const struct enrolment *e, json_t **ret, bool *ret_new,
	  const char **ret_code, struct oak_error *err)
{
	struct token_text text;
	_cleanup_(token_row_clear) struct token_row t = { .text = &text };
	char id[SHA256_HEX_MAX];
	json_t *json = NULL;
	int64_t r = 0;

	*ret_code = "";
	if (token_split(ENROL_TOKEN_PREFIX, e->token, &text))
		r = db_query(db, &find_token, (const struct db_value[]){ db_text(text.id) }, 1,
			     take_token, &t, err);
	if (r < 0)
		return (int)r;
	if (!t.known)
		return refuse(ret_code, "token-unknown", "is unknown", err);
	sha256_hex(e->key, 32, id);
	id[32] = '\0';
	r = before(db, id, &json, ret_code, err);
	if (r < 0)
		return (int)r;
	*ret_new = !json;
	if (!json) {
		r = use(db, &t, e->now_s, ret_code, err);
		if (!r)
			r = enrol_new(db, e, id, &t, &json, err);
	}
	if (r < 0)
		return (int)r;
	*ret = json;
	return 0;
}
