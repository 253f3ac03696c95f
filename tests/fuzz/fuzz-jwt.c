/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token that is read has one of our algorithms and claims; the key of the seeds is good for that one text alone. */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"
#include "fleet/people/id-token.h"
#include "fleet/people/jwt.h"

static const char key[] =
	"{\"keys\":[{\"crv\":\"Ed25519\",\"x\":\"YBzATQmJEbzkdj1Vn0KjBtViOLRxdaHv6msXyRjSEes\",\"kty\":\"OKP\",\"kid\":\"a\"}]}";

/* What the seed "eddsa" signs: made by Node's crypto, not by us. */
static const char signed_text[] =
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkL"
	"mV4YW1wbGUiLCJhdWQiOiJvYWt1bSIsInN1YiI6ImFkYSIsImV4cCI6NDAwMDAwMDAwMCwiaWF0I"
	"joxMDAwMDAwMDAwLCJub25jZSI6Im4iLCJncm91cHMiOlsic3RhZmYiXSwicHJlZmVycmVkX3VzZ"
	"XJuYW1lIjoiYWRhIn0";

static void check_signature(const struct jwt *t)
{
	_cleanup_(jwks_freep) struct jwks *keys = NULL;
	struct oak_error err = { 0 };
	int r;

	FUZZ_CHECK(jwks_parse(key, strlen(key), &keys, &err) == 0 && jwks_count(keys) == 1);
	r = jwks_verify(keys, t, &err);
	if (r < 0) {
		FUZZ_CHECK(r == -OAK_E_NOTFOUND || r == -OAK_E_TRUST);
		return;
	}
	FUZZ_CHECK(t->alg == JWT_EDDSA && t->text_len == strlen(signed_text));
	FUZZ_CHECK(memcmp(t->text, signed_text, t->text_len) == 0);
}

static void check_claims(const json_t *claims)
{
	static const struct id_expect want = {
		.issuer = "https://id.example", .client = "oakum", .nonce = "n", .now_s = 2000000000
	};
	static char name[] = "preferred_username", roles[] = "groups", staff[] = "staff",
		    none[] = "none";
	static const struct oidc_settings set = { .name_claim = name,
						  .role_claim = roles,
						  .role = none,
						  .groups = { [ROLE_VIEWER] = staff } };
	struct id_person person;
	struct oak_error err = { 0 };

	if (id_token_check(claims, &want, &err) == 0) {
		FUZZ_CHECK(strcmp(json_get_str(claims, "iss"), want.issuer) == 0);
		FUZZ_CHECK(strcmp(json_get_str(claims, "nonce"), want.nonce) == 0);
	}
	if (id_token_person(claims, &set, &person, &err) == 0)
		FUZZ_CHECK(person.role == ROLE_VIEWER && person.name[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(jwt_clear) struct jwt t = { .claims = NULL };
	struct oak_error err = { 0 };

	if (jwt_parse((const char *)data, size, &t, &err) < 0) {
		FUZZ_CHECK(!t.claims);
		return 0;
	}
	FUZZ_CHECK(jwt_alg_name(t.alg) && json_is_object(t.claims));
	FUZZ_CHECK(size <= JWT_BYTES_MAX && t.text_len < size);
	FUZZ_CHECK(t.sig_len > 0 && t.sig_len <= JWT_SIG_MAX && strlen(t.kid) <= JWT_KID_MAX);
	check_signature(&t);
	check_claims(t.claims);
	return 0;
}
