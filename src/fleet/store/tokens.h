/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tokens: what lets a host enrol ("oakum-enrol-<id>-<secret>"), and what lets a person or program use the
 * API ("oakum-api-<id>-<secret>"). The secret is shown once; stored is its SHA-256 (it is 256 random bits, so a
 * slow hash would protect nothing). Creating and revoking are statements of the caller's transaction.
 */
#ifndef OAK_FLEET_STORE_TOKENS_H
#define OAK_FLEET_STORE_TOKENS_H

#include <stdint.h>

#include <jansson.h>

#include "fleet/db/db.h"

#define TOKEN_TEXT_MAX 128

/* Creating: errors OAK_E_FORMAT (names the member), OAK_E_REFUSED (an API token's name is taken). */
struct enrol_token_new {
	const char *name; /* for people */
	const char *ring;
	const json_t *tags; /* that each host gets; array */
	bool own_tags;      /* hosts may bring tags of their own */
	uint32_t uses;      /* 0: any number */
	int64_t expires_s;  /* 0: never */
};

int enrol_token_create(struct db *db, const struct enrol_token_new *t, int64_t now_s,
		       char ret_secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
	_must_check_;
/* Array of {"id","name","ring","tags","own_tags","uses","used","created","expires","revoked"}; times or null. */
int enrol_token_list(struct db *db, json_t **ret, struct oak_error *err) _must_check_;
int enrol_token_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
	_must_check_;

/**
 * enrol() - a host comes, in the caller's transaction
 * @ret: {"host","name","ring","tags"}; @ret_new: it was not enrolled before
 *
 * Whoever calls adds the event and the line of the audit log. A key that is enrolled gets its answer again, also
 * where the token was spent or has expired since.
 *
 * Errors: OAK_E_REFUSED; @ret_code: "token-unknown", "token-expired", "token-spent", "token-revoked",
 * "key-revoked".
 */
struct enrolment {
	const char *token, *name, *machine;
	const uint8_t *key; /* 32 bytes */
	const json_t *tags;
	int64_t now_s;
};
int enrol(struct db *db, const struct enrolment *e, json_t **ret, bool *ret_new,
	  const char **ret_code, struct oak_error *err) _must_check_;

struct api_token_new {
	const char *name;   /* unique */
	uint32_t scopes;    /* enum http_scope */
	int64_t expires_s;  /* 0: never */
	const char *person; /* whose it is: an id; NULL, "": nobody's */
};

int api_token_create(struct db *db, const struct api_token_new *t, int64_t now_s,
		     char ret_secret[TOKEN_TEXT_MAX], json_t **ret, struct oak_error *err)
	_must_check_;
/* Was there ever one? Of any version of the schema. */
int api_token_any(struct db *db, bool *ret, struct oak_error *err) _must_check_;
/*
 * Array of {"id","name","scopes","person","created","expires","revoked"}; scopes: the number of their bits, as they were
 * given; person: the name of whose it is, or null.
 */
int api_token_list(struct db *db, json_t **ret, struct oak_error *err) _must_check_;
int api_token_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err)
	_must_check_;

/*
 * Whose it is, and what it allows: never more than the role of its person does now. Constant time in the secret.
 * Errors: OAK_E_NOTFOUND (also expired, revoked, its person gone or disabled).
 */
struct api_token {
	char name[65];
	char person[17]; /* id; "": nobody's */
	uint32_t scopes;
};
int api_token_check(struct db *db, const char *secret, int64_t now_s, struct api_token *ret,
		    struct oak_error *err) _must_check_;

#endif
