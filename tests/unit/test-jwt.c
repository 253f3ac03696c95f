/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens of a provider: whose signature is taken, and which claims. Keys are made here, by OpenSSL. */
#include "test.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "fleet/people/id-token.h"
#include "fleet/people/jwt.h"

#define TEXT_MAX 4096
#define CLAIMS   "{\"iss\":\"https://id.example\"}"

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(BIGNUM *, BN_free)

static void base64(const void *data, size_t len, char *ret, size_t size)
{
	EXPECT(sodium_bin2base64(ret, size, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

/* A number of a key, so many bytes long, as JWK writes it. */
static void number_of(EVP_PKEY *key, const char *name, int len, char ret[TEXT_MAX])
{
	_cleanup_(BN_freep) BIGNUM *n = NULL;
	uint8_t bytes[512];

	EXPECT(EVP_PKEY_get_bn_param(key, name, &n) == 1);
	EXPECT(BN_bn2binpad(n, bytes, len) == len);
	base64(bytes, (size_t)len, ret, TEXT_MAX);
}

/* {"keys":[...]} of that key alone; @more: further members, beginning with a comma. */
static struct jwks *keys_of(EVP_PKEY *key, const char *more)
{
	char a[TEXT_MAX], b[TEXT_MAX], text[3 * TEXT_MAX];
	struct jwks *keys = NULL;
	struct oak_error err = { 0 };
	uint8_t raw[32];
	size_t len = sizeof(raw);

	if (EVP_PKEY_is_a(key, "RSA")) {
		number_of(key, OSSL_PKEY_PARAM_RSA_N, EVP_PKEY_get_size(key), a);
		number_of(key, OSSL_PKEY_PARAM_RSA_E, 3, b);
		(void)snprintf(text, sizeof(text),
			       "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}]}", a, b,
			       more);
	} else if (EVP_PKEY_is_a(key, "EC")) {
		number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, 32, a);
		number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32, b);
		(void)snprintf(text, sizeof(text),
			       "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
			       "\"y\":\"%s\"%s}]}",
			       a, b, more);
	} else {
		EXPECT(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
		base64(raw, len, a, sizeof(a));
		(void)snprintf(text, sizeof(text),
			       "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"%s}]}",
			       a, more);
	}
	EXPECT(jwks_parse(text, strlen(text), &keys, &err) == 0);
	return keys;
}

static void start(const char *header, const char *claims, char ret[TEXT_MAX])
{
	size_t len;

	base64(header, strlen(header), ret, TEXT_MAX / 2);
	len = strlen(ret);
	ret[len] = '.';
	base64(claims, strlen(claims), ret + len + 1, TEXT_MAX / 2 - 1);
}

static void end(char token[TEXT_MAX], const void *sig, size_t len)
{
	size_t at = strlen(token);

	token[at] = '.';
	base64(sig, len, token + at + 1, TEXT_MAX - at - 1);
}

/* DER as OpenSSL makes it, to r and s. */
static size_t plain_ec(uint8_t *sig, size_t len)
{
	const uint8_t *at = sig;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &at, (long)len);

	EXPECT(s && BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, 32) == 32 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + 32, 32) == 32);
	ECDSA_SIG_free(s);
	return 64;
}

static void sign(EVP_PKEY *key, const char *header, bool der, char ret[TEXT_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[512];
	size_t len = sizeof(sig);

	start(header, CLAIMS, ret);
	EXPECT(EVP_DigestSignInit(ctx, NULL, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256(),
				  NULL, key) == 1);
	EXPECT(EVP_DigestSign(ctx, sig, &len, (const uint8_t *)ret, strlen(ret)) == 1);
	EVP_MD_CTX_free(ctx);
	if (EVP_PKEY_is_a(key, "EC") && !der)
		len = plain_ec(sig, len);
	end(ret, sig, len);
}

static int verify(const struct jwks *keys, const char *token, struct oak_error *err)
{
	_cleanup_(jwt_clear) struct jwt t = { .claims = NULL };
	int r = jwt_parse(token, strlen(token), &t, err);

	return r < 0 ? r : jwks_verify(keys, &t, err);
}

static EVP_PKEY *make_key(const char *type)
{
	if (strcmp(type, "RSA") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	if (strcmp(type, "EC") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	return EVP_PKEY_Q_keygen(NULL, NULL, type);
}

static const struct {
	const char *type, *header, *other; /* header of another algorithm */
} kinds[] = {
	{ "RSA", "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{\"alg\":\"ES256\",\"kid\":\"k\"}" },
	{ "EC", "{\"alg\":\"ES256\",\"kid\":\"k\"}", "{\"alg\":\"RS256\",\"kid\":\"k\"}" },
	{ "ED25519", "{\"alg\":\"EdDSA\",\"kid\":\"k\"}", "{\"alg\":\"RS256\",\"kid\":\"k\"}" },
};

TEST(a_token_is_good_for_its_key_and_algorithm_alone)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = make_key(kinds[i].type);
		_cleanup_(EVP_PKEY_freep) EVP_PKEY *foreign = make_key(kinds[i].type);
		_cleanup_(jwks_freep) struct jwks *keys = keys_of(key, ",\"kid\":\"k\"");
		_cleanup_(jwks_freep) struct jwks *others = keys_of(foreign, ",\"kid\":\"k\"");
		_cleanup_(jwks_freep) struct jwks *renamed = keys_of(key, ",\"kid\":\"l\"");
		struct oak_error err = { 0 };
		char token[TEXT_MAX];

		test_case = kinds[i].type;
		sign(key, kinds[i].header, false, token);
		EXPECT(jwks_count(keys) == 1 && verify(keys, token, &err) == 0);
		EXPECT(verify(others, token, &err) == -OAK_E_TRUST);
		EXPECT_STR(err.msg, "the token's signature is wrong");
		EXPECT(verify(renamed, token, &err) == -OAK_E_NOTFOUND);
		EXPECT_STR(err.msg, "the token is signed with a key that is not the provider's");
		/* Of the claims: the first character after the dot says "{" in part. */
		*(strchr(token, '.') + 6) ^= 1;
		EXPECT(verify(keys, token, &err) < 0);
		sign(key, kinds[i].other, false, token);
		EXPECT(verify(keys, token, &err) == -OAK_E_NOTFOUND);
	}
}

TEST(a_signature_of_ec_is_two_numbers_and_not_der)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = make_key("EC");
	_cleanup_(jwks_freep) struct jwks *keys = keys_of(key, "");
	struct oak_error err = { 0 };
	char token[TEXT_MAX];
	uint8_t zero[64] = { 0 };

	sign(key, "{\"alg\":\"ES256\"}", false, token);
	EXPECT(verify(keys, token, &err) == 0);
	sign(key, "{\"alg\":\"ES256\"}", true, token);
	EXPECT(verify(keys, token, &err) == -OAK_E_TRUST);
	start("{\"alg\":\"ES256\"}", CLAIMS, token);
	end(token, zero, sizeof(zero));
	EXPECT(verify(keys, token, &err) == -OAK_E_TRUST);
}

/* The old trick: the public key, which all know, as the secret of an HMAC. */
TEST(a_public_key_is_never_a_secret)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = make_key("ED25519");
	_cleanup_(jwks_freep) struct jwks *keys = keys_of(key, "");
	struct oak_error err = { 0 };
	char token[TEXT_MAX];
	uint8_t raw[32], mac[32];
	size_t len = sizeof(raw);
	unsigned n = sizeof(mac);

	EXPECT(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
	start("{\"alg\":\"HS256\"}", CLAIMS, token);
	EXPECT(HMAC(EVP_sha256(), raw, (int)len, (const uint8_t *)token, strlen(token), mac, &n));
	end(token, mac, n);
	EXPECT(verify(keys, token, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "the token is signed with 'HS256', not RS256, ES256 or EdDSA");
}

TEST(headers_that_are_refused)
{
	static const struct {
		const char *header;
		int code;
		const char *msg;
	} cases[] = {
		{ "{\"alg\":\"none\"}", OAK_E_TRUST, "signed with 'none'" },
		{ "{\"alg\":\"None\"}", OAK_E_TRUST, "signed with 'None'" },
		{ "{\"alg\":\"\"}", OAK_E_TRUST, "signed with ''" },
		{ "{}", OAK_E_TRUST, "signed with ''" },
		{ "{\"alg\":[\"EdDSA\"]}", OAK_E_TRUST, "signed with ''" },
		{ "{\"alg\":\"eddsa\"}", OAK_E_TRUST, "signed with 'eddsa'" },
		{ "{\"alg\":\"RS512\"}", OAK_E_TRUST, "signed with 'RS512'" },
		{ "{\"alg\":\"none\",\"alg\":\"EdDSA\"}", OAK_E_FORMAT, "header" },
		{ "{\"alg\":\"EdDSA\",\"crit\":[\"b64\"]}", OAK_E_TRUST, "what we do not know" },
		{ "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\"}", OAK_E_TRUST, "of another type" },
		{ "{\"alg\":\"EdDSA\",\"typ\":1}", OAK_E_TRUST, "of another type" },
		{ "{\"alg\":\"EdDSA\",\"kid\":1}", OAK_E_FORMAT, "kid: not a text" },
		{ "{\"alg\":\"EdDSA\",\"kid\":\"../../k\"}", OAK_E_NOTFOUND, "not the provider's" },
		{ "{\"alg\":\"EdDSA\",\"kid\":\"k' OR 1=1\"}", OAK_E_NOTFOUND,
		  "not the provider's" },
		{ "[]", OAK_E_FORMAT, "not an object" },
	};
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = make_key("ED25519");
	_cleanup_(jwks_freep) struct jwks *keys = keys_of(key, ",\"kid\":\"k\"");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { 0 };
		char token[TEXT_MAX];

		test_case = cases[i].header;
		sign(key, cases[i].header, false, token);
		EXPECT(verify(keys, token, &err) == -cases[i].code);
		EXPECT_CONTAINS(err.msg, cases[i].msg);
	}
}

TEST(a_token_has_three_parts_and_an_end)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"e30.e30",
		"e30.e30.",
		"e30.e30.AAAA.AAAA",
		"e30=.e30.AAAA",
		"eyJhbGciOiJFZERTQSJ9.e30.",
		"eyJhbGciOiJFZERTQSJ9.e30.AA==",
		"eyJhbGciOiJFZERTQSJ9.e30.AA A",
		"eyJhbGciOiJFZERTQSJ9.e30.AAAA.",
	};
	_cleanup_(freep) char *large = calloc(1, JWT_BYTES_MAX + 2);
	_cleanup_(jwt_clear) struct jwt t = { .claims = NULL };
	struct oak_error err = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		test_case = bad[i];
		EXPECT(jwt_parse(bad[i], strlen(bad[i]), &t, &err) < 0 && !t.claims);
	}
	memset(large, 'a', JWT_BYTES_MAX + 1);
	EXPECT(jwt_parse(large, JWT_BYTES_MAX + 1, &t, &err) == -OAK_E_TOOLARGE);
}

TEST(keys_that_are_not_for_us_are_left_out)
{
	static const char *const more[] = {
		",\"use\":\"enc\"",
		",\"key_ops\":[\"encrypt\"]",
		",\"alg\":\"HS256\"",
		",\"alg\":\"ES256\"",
	};
	static const char *const useless[] = {
		"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
		"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
		"{\"keys\":[1,null,[],{}]}",
	};
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = make_key("ED25519");
	_cleanup_(EVP_PKEY_freep)
		EVP_PKEY *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	_cleanup_(jwks_freep) struct jwks *short_keys = keys_of(small, "");
	struct oak_error err = { 0 };

	EXPECT(jwks_count(short_keys) == 0);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		_cleanup_(jwks_freep) struct jwks *keys = keys_of(key, more[i]);

		test_case = more[i];
		EXPECT(jwks_count(keys) == 0);
	}
	for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
		_cleanup_(jwks_freep) struct jwks *keys = NULL;

		test_case = useless[i];
		EXPECT(jwks_parse(useless[i], strlen(useless[i]), &keys, &err) == 0);
		EXPECT(jwks_count(keys) == 0);
	}
}

#define WHO   "\"iss\":\"https://id.example\",\"sub\":\"ada\""
#define AUD   ",\"aud\":\"oakum\""
#define TIMES ",\"exp\":1300,\"iat\":1000"
#define NONCE ",\"nonce\":\"n\""

/* The clock says 1000, and may be wrong by 60. */
TEST(claims_are_for_us_now_and_for_this_sign_in)
{
	static const struct {
		const char *claims, *msg; /* NULL: fine */
	} cases[] = {
		{ "{" WHO AUD TIMES NONCE "}", NULL },
		{ "{" WHO ",\"aud\":[\"oakum\"]" TIMES NONCE "}", NULL },
		{ "{" WHO ",\"aud\":[\"x\",\"oakum\"],\"azp\":\"oakum\"" TIMES NONCE "}", NULL },
		{ "{" WHO ",\"aud\":[\"x\",\"oakum\"]" TIMES NONCE "}", "another audience" },
		{ "{" WHO AUD ",\"azp\":\"x\"" TIMES NONCE "}", "another audience" },
		{ "{" WHO ",\"aud\":\"x\"" TIMES NONCE "}", "another audience" },
		{ "{" WHO TIMES NONCE "}", "another audience" },
		{ "{\"iss\":\"https://id.example/\",\"sub\":\"ada\"" AUD TIMES NONCE "}",
		  "another issuer" },
		{ "{\"sub\":\"ada\"" AUD TIMES NONCE "}", "another issuer" },
		{ "{" WHO AUD ",\"exp\":941,\"iat\":900" NONCE "}", NULL },
		{ "{" WHO AUD ",\"exp\":940,\"iat\":900" NONCE "}", "has expired" },
		{ "{" WHO AUD ",\"iat\":1000" NONCE "}", "has expired" },
		{ "{" WHO AUD ",\"exp\":\"1300\",\"iat\":1000" NONCE "}", "has expired" },
		{ "{" WHO AUD ",\"exp\":1300" NONCE "}", "issued in the future" },
		{ "{" WHO AUD ",\"exp\":1300,\"iat\":1060" NONCE "}", NULL },
		{ "{" WHO AUD ",\"exp\":1300,\"iat\":1061" NONCE "}", "issued in the future" },
		{ "{" WHO AUD TIMES ",\"nbf\":1060" NONCE "}", NULL },
		{ "{" WHO AUD TIMES ",\"nbf\":1061" NONCE "}", "not valid yet" },
		{ "{" WHO AUD TIMES ",\"nbf\":\"x\"" NONCE "}", "not valid yet" },
		{ "{" WHO AUD TIMES "}", "not the nonce" },
		{ "{" WHO AUD TIMES ",\"nonce\":\"m\"}", "not the nonce" },
		{ "{" WHO AUD TIMES ",\"nonce\":\"\"}", "not the nonce" },
		{ "{\"iss\":\"https://id.example\"" AUD TIMES NONCE "}", "sub: 1 to 255" },
		{ "{\"iss\":\"https://id.example\",\"sub\":\"\"" AUD TIMES NONCE "}",
		  "sub: 1 to 255" },
	};
	struct id_expect want = {
		.issuer = "https://id.example", .client = "oakum", .nonce = "n", .now_s = 1000
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *claims = json_loads(cases[i].claims, 0, NULL);
		struct oak_error err = { 0 };
		int r = id_token_check(claims, &want, &err);

		test_case = cases[i].claims;
		EXPECT(claims && (r == 0) == !cases[i].msg);
		if (r < 0)
			EXPECT_CONTAINS(err.msg, cases[i].msg);
	}
}
