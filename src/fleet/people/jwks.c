/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/jwt.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

#include "base/json.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define EC_BYTES     32
#define ED_BYTES     32
#define EXPONENT_MAX 8

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_free)
DEFINE_CLEANUP(OSSL_PARAM *, OSSL_PARAM_free)
DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(ECDSA_SIG *, ECDSA_SIG_free)

struct jwk {
	char kid[JWT_KID_MAX + 1];
	enum jwt_alg alg;
	EVP_PKEY *key;
};

struct jwks {
	struct jwk keys[JWKS_KEYS_MAX];
	size_t n;
};

/* A member in base64url. Return: the number of its bytes; 0: none, or not that. */
static size_t bytes_of(const json_t *jwk, const char *name, uint8_t *room, size_t size)
{
	const char *text = json_get_str(jwk, name), *end = NULL;
	size_t len = text ? strlen(text) : 0, n = 0;

	if (len == 0 || sodium_base642bin(room, size, text, len, NULL, &n, &end,
					  sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return 0;
	return end == text + len ? n : 0;
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *builder)
{
	_cleanup_(OSSL_PARAM_freep) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	_cleanup_(EVP_PKEY_CTX_freep)
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return key;
}

static EVP_PKEY *rsa_key(const json_t *jwk)
{
	_cleanup_(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	_cleanup_(BN_freep) BIGNUM *n = NULL, *e = NULL;
	uint8_t room[RSA_BITS_MAX / 8];
	size_t len = bytes_of(jwk, "n", room, sizeof(room));

	n = BN_bin2bn(room, (int)len, NULL);
	len = bytes_of(jwk, "e", room, EXPONENT_MAX);
	e = BN_bin2bn(room, (int)len, NULL);
	/* An exponent of 1, or an even one, would be no signature at all. */
	if (!builder || !n || !e || BN_num_bits(n) < RSA_BITS_MIN || !BN_is_odd(n) ||
	    BN_num_bits(e) < 2 || !BN_is_odd(e) ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		return NULL;
	return key_from("RSA", builder);
}

/* A point that is not on the curve is no key: OpenSSL looks. */
static EVP_PKEY *ec_key(const json_t *jwk)
{
	_cleanup_(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	const char *curve = json_get_str(jwk, "crv");
	uint8_t point[1 + 2 * EC_BYTES] = { 4 };

	if (!builder || !curve || strcmp(curve, "P-256") != 0 ||
	    bytes_of(jwk, "x", point + 1, EC_BYTES) != EC_BYTES ||
	    bytes_of(jwk, "y", point + 1 + EC_BYTES, EC_BYTES) != EC_BYTES ||
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
		    1 ||
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
					     sizeof(point)) != 1)
		return NULL;
	return key_from("EC", builder);
}

static EVP_PKEY *ed_key(const json_t *jwk)
{
	const char *curve = json_get_str(jwk, "crv");
	uint8_t point[ED_BYTES];

	if (!curve || strcmp(curve, "Ed25519") != 0 ||
	    bytes_of(jwk, "x", point, sizeof(point)) != ED_BYTES)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, sizeof(point));
}

static const struct {
	const char *type;
	enum jwt_alg alg;
	EVP_PKEY *(*make)(const json_t *jwk);
} kinds[] = {
	{ "RSA", JWT_RS256, rsa_key },
	{ "EC", JWT_ES256, ec_key },
	{ "OKP", JWT_EDDSA, ed_key },
};

static bool may_verify(const json_t *jwk)
{
	const json_t *use = json_object_get(jwk, "use"), *ops = json_object_get(jwk, "key_ops");

	if (use && (!json_is_string(use) || strcmp(json_string_value(use), "sig") != 0))
		return false;
	for (size_t i = 0; i < json_array_size(ops); i++) {
		const char *op = json_string_value(json_array_get(ops, i));

		if (op && strcmp(op, "verify") == 0)
			return true;
	}
	return !ops;
}

/* Return: false: not for us. */
static bool read_key(const json_t *jwk, struct jwk *ret)
{
	const char *type = json_get_str(jwk, "kty"), *kid = json_get_str(jwk, "kid");
	const json_t *alg = json_object_get(jwk, "alg");

	if (!type || !may_verify(jwk) || (kid && strlen(kid) > JWT_KID_MAX))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].type, type) != 0)
			continue;
		if (alg && (!json_is_string(alg) ||
			    strcmp(json_string_value(alg), jwt_alg_name(kinds[i].alg)) != 0))
			return false;
		(void)snprintf(ret->kid, sizeof(ret->kid), "%s", kid ? kid : "");
		ret->alg = kinds[i].alg;
		ret->key = kinds[i].make(jwk);
		return ret->key;
	}
	return false;
}

int jwks_parse(const void *data, size_t len, struct jwks **ret, struct oak_error *err)
{
	_cleanup_(jwks_freep) struct jwks *set = calloc(1, sizeof(*set));
	_cleanup_(json_decrefp) json_t *json = NULL;
	const json_t *list;
	int r;

	if (!set)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = json_parse(data, len, JWKS_BYTES_MAX, "the provider's keys", &json, err);
	if (r < 0)
		return r;
	list = json_object_get(json, "keys");
	if (!json_is_array(list))
		return oak_fail(err, OAK_E_FORMAT, "the provider's keys: \"keys\" is no list");
	if (json_array_size(list) > JWKS_KEYS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the provider's keys: more than %u",
				JWKS_KEYS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_key(json_array_get(list, i), &set->keys[set->n]))
			set->n++;
	*ret = take_ptr(set);
	return 0;
}

void jwks_free(struct jwks *keys)
{
	for (size_t i = 0; keys && i < keys->n; i++)
		EVP_PKEY_free(keys->keys[i].key);
	free(keys);
}

size_t jwks_count(const struct jwks *keys)
{
	return keys ? keys->n : 0;
}

/* r and s, as JWS writes them, in the DER that OpenSSL reads. Return: its length; 0: no. */
static size_t ec_der(const struct jwt *t, uint8_t *room, size_t size)
{
	_cleanup_(ECDSA_SIG_freep) ECDSA_SIG *sig = ECDSA_SIG_new();
	_cleanup_(BN_freep) BIGNUM *a = NULL, *b = NULL;
	int len;

	if (!sig || t->sig_len != 2 * (size_t)EC_BYTES)
		return 0;
	a = BN_bin2bn(t->sig, EC_BYTES, NULL);
	b = BN_bin2bn(t->sig + EC_BYTES, EC_BYTES, NULL);
	if (!a || !b || ECDSA_SIG_set0(sig, a, b) != 1)
		return 0;
	a = NULL;
	b = NULL;
	len = i2d_ECDSA_SIG(sig, NULL);
	if (len <= 0 || (size_t)len > size)
		return 0;
	return i2d_ECDSA_SIG(sig, &room) == len ? (size_t)len : 0;
}

static bool verifies(const struct jwk *k, const struct jwt *t)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = t->alg == JWT_EDDSA ? NULL : EVP_sha256();
	uint8_t der[2 * EC_BYTES + 16];
	const uint8_t *sig = t->sig;
	size_t len = t->sig_len;

	if (t->alg == JWT_ES256) {
		len = ec_der(t, der, sizeof(der));
		sig = der;
	}
	return ctx && len && EVP_DigestVerifyInit(ctx, NULL, md, NULL, k->key) == 1 &&
	       EVP_DigestVerify(ctx, sig, len, (const uint8_t *)t->text, t->text_len) == 1;
}

int jwks_verify(const struct jwks *keys, const struct jwt *t, struct oak_error *err)
{
	size_t fit = 0;

	for (size_t i = 0; i < keys->n; i++)
		fit += keys->keys[i].alg == t->alg &&
		       (!t->kid[0] || strcmp(keys->keys[i].kid, t->kid) == 0);
	if (fit == 0 || (!t->kid[0] && fit > 1))
		return oak_fail(err, OAK_E_NOTFOUND,
				"the token is signed with a key that is not the provider's");
	for (size_t i = 0; i < keys->n; i++) {
		const struct jwk *k = &keys->keys[i];

		if (k->alg == t->alg && (!t->kid[0] || strcmp(k->kid, t->kid) == 0) &&
		    verifies(k, t))
			return 0;
	}
	return oak_fail(err, OAK_E_TRUST, "the token's signature is wrong");
}
