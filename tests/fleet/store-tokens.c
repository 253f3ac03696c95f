/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tokens.h"

#include <pthread.h>

#include "fleet/store/hosts.h"
#include "store-fixture.h"
#include "test.h"

static json_t *new_token(struct db *db, const struct enrol_token_new *t, char ret[TOKEN_TEXT_MAX])
{
	struct oak_error err = { .code = OAK_OK };
	json_t *made = NULL;
	int r = enrol_token_create(db, t, FIXTURE_NOW, ret, &made, &err);

	if (r < 0)
		print_error("%s\n", err.msg);
	EXPECT(!r);
	return made;
}

struct attempt {
	const char *token;
	unsigned n; /* which host */
	const json_t *tags;
	int64_t now_s;
};

/* In a transaction of its own. */
static int try_enrol(struct db *db, const struct attempt *a, json_t **ret, bool *ret_new,
		     const char **ret_code)
{
	struct oak_error err = { .code = OAK_OK };
	uint8_t key[32];
	int r;

	fixture_key(a->n, key);
	const struct enrolment e = { .token = a->token,
				     .name = "'; DROP TABLE hosts; --<b>",
				     .machine = "",
				     .key = key,
				     .tags = a->tags,
				     .now_s = a->now_s };
	EXPECT(!db_begin(db, &err));
	r = enrol(db, &e, ret, ret_new, ret_code, &err);
	if (!r)
		r = db_commit(db, &err);
	else
		db_rollback(db);
	return r;
}

TEST(an_enrolment_token_gives_what_it_says)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s, s]", "role=web", "az=1");
	_cleanup_(json_decrefp) json_t *own = json_pack("[s, s, s]", "b", "role=web", "with blank");
	_cleanup_(json_decrefp) json_t *want = json_pack("[s, s, s]", "az=1", "b", "role=web");
	_cleanup_(json_decrefp) json_t *made = NULL, *host = NULL, *again = NULL, *list = NULL;
	const struct enrol_token_new t = {
		.name = "web", .ring = "canary", .tags = tags, .own_tags = true, .uses = 1
	};
	struct oak_error err = { .code = OAK_OK };
	struct store_host found;
	char token[TOKEN_TEXT_MAX];
	const char *code;
	bool new;

	made = new_token(db, &t, token);
	EXPECT(strlen(token) == 93 && !strncmp(token, "oakum-enrol-", 12));
	EXPECT(!json_object_get(made, "secret"));
	EXPECT(!try_enrol(db, &(struct attempt){ token, 1, own, FIXTURE_NOW }, &host, &new, &code));
	EXPECT(new);
	EXPECT_STR(json_string_value(json_object_get(host, "ring")), "canary");
	EXPECT_STR(json_string_value(json_object_get(host, "name")), "'; DROP TABLE hosts; --<b>");
	EXPECT(json_equal(json_object_get(host, "tags"), want));
	/* The answer was lost. The token has no use left, and needs none. */
	EXPECT(!try_enrol(db, &(struct attempt){ token, 1, NULL, FIXTURE_NOW }, &again, &new,
			  &code));
	EXPECT(!new &&json_equal(host, again));
	EXPECT(!hosts_find(db, json_string_value(json_object_get(host, "host")), &found, &err));
	EXPECT_STR(found.tags, "az=1 b role=web");
	EXPECT(!enrol_token_list(db, &list, &err));
	EXPECT(json_integer_value(json_object_get(json_array_get(list, 0), "used")) == 1);
}

TEST(tokens_refuse_with_a_code)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char spent[TOKEN_TEXT_MAX], old[TOKEN_TEXT_MAX], revoked[TOKEN_TEXT_MAX];
	char good[TOKEN_TEXT_MAX], id[33], wrong[TOKEN_TEXT_MAX];
	json_t *made;

	json_decref(new_token(db, &(struct enrol_token_new){ .name = "a", .ring = "r", .uses = 1 },
			      spent));
	json_decref(new_token(db,
			      &(struct enrol_token_new){
				      .name = "b", .ring = "r", .expires_s = FIXTURE_NOW + 10 },
			      old));
	made = new_token(db, &(struct enrol_token_new){ .name = "c", .ring = "r" }, revoked);
	EXPECT(!enrol_token_revoke(db, json_string_value(json_object_get(made, "id")), FIXTURE_NOW,
				   &err));
	json_decref(made);
	EXPECT(enrol_token_revoke(db, "no", FIXTURE_NOW, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "no such token");
	json_decref(new_token(db, &(struct enrol_token_new){ .name = "d", .ring = "r" }, good));
	fixture_host(db, spent, 1, id);
	fixture_host(db, good, 2, id);
	EXPECT(!hosts_revoke(db, id, FIXTURE_NOW, &err));
	memcpy(wrong, good, sizeof(wrong));
	wrong[92] = wrong[92] == '0' ? '1' : '0';
	const struct {
		const char *token;
		unsigned host;
		const char *code;
	} cases[] = {
		{ spent, 3, "token-spent" },      { old, 3, "token-expired" },
		{ revoked, 3, "token-revoked" },  { wrong, 3, "token-unknown" },
		{ "", 3, "token-unknown" },       { good, 2, "key-revoked" },
		{ good + 1, 3, "token-unknown" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *code = NULL;
		json_t *host = NULL;
		bool new;

		test_case = cases[i].code;
		EXPECT(try_enrol(db,
				 &(struct attempt){ cases[i].token, cases[i].host, NULL,
						    FIXTURE_NOW + 10 },
				 &host, &new, &code) == -OAK_E_REFUSED);
		EXPECT_STR(code, cases[i].code);
		EXPECT(!host);
	}
}

TEST(tokens_are_refused_that_make_no_sense)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *blank = json_pack("[s, s]", "ok", "not ok");
	_cleanup_(json_decrefp) json_t *number = json_pack("[i]", 1);
	const struct {
		struct enrol_token_new t;
		const char *msg;
	} cases[] = {
		{ { .name = "", .ring = "r" }, "name: not 1 to 64 bytes" },
		{ { .name = NULL, .ring = "r" }, "name: not 1 to 64 bytes" },
		{ { .name = "a\nb", .ring = "r" }, "name: has a control character" },
		{ { .name = "a", .ring = "../x" },
		  "ring: not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\"" },
		{ { .name = "a", .ring = ".." },
		  "ring: not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\"" },
		{ { .name = "a", .ring = "r", .expires_s = FIXTURE_NOW }, "expires: has passed" },
		{ { .name = "a", .ring = "r", .tags = blank },
		  "tags: number 2 is not a word of 1 to 63 bytes" },
		{ { .name = "a", .ring = "r", .tags = number },
		  "tags: number 1 is not a word of 1 to 63 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		char secret[TOKEN_TEXT_MAX] = "";
		json_t *made = NULL;

		test_case = cases[i].msg;
		EXPECT(enrol_token_create(db, &cases[i].t, FIXTURE_NOW, secret, &made, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].msg);
		EXPECT(!made && !secret[0]);
	}
}

TEST(api_tokens_are_checked)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *made = NULL, *list = NULL;
	const struct api_token_new t = { .name = "ci", .scopes = 5, .expires_s = FIXTURE_NOW + 100 };
	struct oak_error err = { .code = OAK_OK };
	char secret[TOKEN_TEXT_MAX], wrong[TOKEN_TEXT_MAX];
	struct api_token got = { .scopes = 0 };
	json_t *twice = NULL;

	EXPECT(!api_token_create(db, &t, FIXTURE_NOW, secret, &made, &err));
	EXPECT(api_token_create(db, &t, FIXTURE_NOW, wrong, &twice, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "name: there is a token with it");
	EXPECT(!api_token_check(db, secret, FIXTURE_NOW, &got, &err));
	EXPECT_STR(got.name, "ci");
	EXPECT(got.scopes == 5);
	EXPECT(api_token_check(db, secret, FIXTURE_NOW + 100, &got, &err) == -OAK_E_NOTFOUND);
	memcpy(wrong, secret, sizeof(wrong));
	wrong[90] = wrong[90] == '0' ? '1' : '0';
	EXPECT(api_token_check(db, wrong, FIXTURE_NOW, &got, &err) == -OAK_E_NOTFOUND);
	EXPECT(api_token_check(db, "oakum-api-", FIXTURE_NOW, &got, &err) == -OAK_E_NOTFOUND);
	EXPECT(!api_token_revoke(db, json_string_value(json_object_get(made, "id")),
				 FIXTURE_NOW + 5, &err));
	EXPECT(!api_token_revoke(db, json_string_value(json_object_get(made, "id")),
				 FIXTURE_NOW + 9, &err));
	EXPECT(api_token_check(db, secret, FIXTURE_NOW, &got, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "the token is unknown, has expired or was revoked");
	EXPECT(!api_token_list(db, &list, &err));
	EXPECT(json_integer_value(json_object_get(json_array_get(list, 0), "revoked")) ==
	       FIXTURE_NOW + 5);
}

struct rush {
	const char *url, *token;
	unsigned n;
	int r;
};

static void *rush(void *arg)
{
	struct rush *t = arg;
	_cleanup_(db_closep) struct db *db = fixture_again(t->url);
	_cleanup_(json_decrefp) json_t *host = NULL;
	const char *code;
	bool new;

	t->r = try_enrol(db, &(struct attempt){ t->token, t->n, NULL, FIXTURE_NOW }, &host, &new,
			 &code);
	return NULL;
}

/* @same: all bring one key, else each its own. Return: how many were enrolled. */
static int rush_of_eight(const char *url, const char *token, bool same)
{
	struct rush t[8];
	pthread_t threads[8];
	int good = 0;

	for (unsigned i = 0; i < 8; i++) {
		t[i] = (struct rush){ url, token, same ? 100 : i, 0 };
		EXPECT(!pthread_create(&threads[i], NULL, rush, &t[i]));
	}
	for (unsigned i = 0; i < 8; i++) {
		EXPECT(!pthread_join(threads[i], NULL));
		good += t[i].r == 0;
	}
	return good;
}

TEST(eight_hosts_share_one_use)
{
	for (int round = 0; round < 5; round++) {
		_cleanup_(freep) char *url = strdup(fixture_url());
		_cleanup_(db_closep) struct db *db = fixture_migrated(url);
		_cleanup_(json_decrefp) json_t *counts = NULL;
		struct oak_error err = { .code = OAK_OK };
		char token[TOKEN_TEXT_MAX];

		fixture_token(db, 1, token);
		EXPECT(rush_of_eight(url, token, false) == 1);
		/* One key eight times: whoever comes later gets the answer of the first, or is told to come again. */
		fixture_token(db, 1, token);
		EXPECT(rush_of_eight(url, token, true) >= 1);
		EXPECT(!hosts_counts(db, &counts, &err));
		EXPECT(json_integer_value(json_object_get(counts, "total")) == 2);
	}
}
