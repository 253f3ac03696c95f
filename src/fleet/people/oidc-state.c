/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/oidc-state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/cleanup.h"
#include "base/json.h"

#define RANDOM_BYTES 32u
#define STATE_MAX    2048u
#define VARIANT      sodium_base64_VARIANT_URLSAFE_NO_PADDING

static void make_random(char ret[OIDC_RANDOM])
{
	uint8_t bytes[RANDOM_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	(void)sodium_bin2base64(ret, OIDC_RANDOM, bytes, sizeof(bytes), VARIANT);
}

void oidc_state_new(const char *to, bool again, int64_t now_s, struct oidc_state *ret)
{
	*ret = (struct oidc_state){ .begun_s = now_s, .again = again };
	make_random(ret->state);
	make_random(ret->nonce);
	make_random(ret->verifier);
	(void)snprintf(ret->to, sizeof(ret->to), "%s", local_path_or_home(to));
}

void oidc_challenge(const char verifier[OIDC_RANDOM], char ret[OIDC_RANDOM])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const uint8_t *)verifier, strlen(verifier));
	(void)sodium_bin2base64(ret, OIDC_RANDOM, hash, sizeof(hash), VARIANT);
}

int oidc_state_write(const struct oidc_state *s, struct buf *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:b}", "state", s->state,
					 "nonce", s->nonce, "verifier", s->verifier, "to", s->to,
					 "begun", (json_int_t)s->begun_s, "again", (int)s->again);
	_cleanup_(freep) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (!text || buf_add_str(ret, text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static bool read_random(const json_t *json, const char *name, char ret[OIDC_RANDOM])
{
	static const char fine[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *text = json_get_str(json, name);

	if (!text || strlen(text) != OIDC_RANDOM - 1 || strspn(text, fine) != OIDC_RANDOM - 1)
		return false;
	memcpy(ret, text, OIDC_RANDOM);
	return true;
}

int oidc_state_read(const void *data, size_t len, int64_t now_s, struct oidc_state *ret,
		    struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct oidc_state s = { .begun_s = 0 };
	const char *to;
	int r = json_parse(data, len, STATE_MAX, "the state of the sign-in", &json, err);

	if (r < 0)
		return r;
	to = json_get_str(json, "to");
	s.begun_s = json_integer_value(json_object_get(json, "begun"));
	s.again = json_is_true(json_object_get(json, "again"));
	if (!read_random(json, "state", s.state) || !read_random(json, "nonce", s.nonce) ||
	    !read_random(json, "verifier", s.verifier) || !local_path(to) || s.begun_s < 0)
		return oak_fail(err, OAK_E_FORMAT, "the state of the sign-in: is malformed");
	if (s.begun_s > now_s || now_s - s.begun_s > OIDC_STATE_S)
		return oak_fail(err, OAK_E_TRUST, "signing in took longer than %d minutes",
				OIDC_STATE_S / 60);
	(void)snprintf(s.to, sizeof(s.to), "%s", to);
	*ret = s;
	return 0;
}

bool oidc_state_is(const struct oidc_state *s, const char *given)
{
	return given && strlen(given) == OIDC_RANDOM - 1 &&
	       sodium_memcmp(given, s->state, OIDC_RANDOM - 1) == 0;
}
