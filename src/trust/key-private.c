/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private keys, the author's side: generated and signed with by OpenSSL. Nothing that a host runs
 * may call into this file, or its programs load OpenSSL's providers at each start
 * (docs/decisions/0009).
 */
#include "trust/key-private.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define ED25519_BYTES  32
#define GROUP_NAME_MAX 64
#define RSA_BITS_NEW   3072 /* as strong as P-256 */

DEFINE_CLEANUP(BIO *, BIO_free_all)

/* What kinds of private keys there are; the first of a kind is what a bare PEM file means. */
static const struct kind {
	const char *scheme, *keytype;
	const char *type;  /* OpenSSL's name */
	const char *group; /* of an elliptic curve */
} kinds[] = {
	{ "ed25519", "ed25519", "ED25519", NULL },
	{ "ecdsa-sha2-nistp256", "ecdsa", "EC", "prime256v1" },
	{ "ecdsa-sha2-nistp384", "ecdsa", "EC", "secp384r1" },
	{ "rsassa-pss-sha256", "rsa", "RSA", NULL },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int sign(const struct tuf_key *key, const void *data, size_t len, struct buf *ret,
		struct oak_error *err)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[TUF_SIGNATURE_MAX];
	size_t sig_len = sizeof(sig);
	EVP_PKEY_CTX *inner; /* of ctx */

	if (!ctx ||
	    EVP_DigestSignInit_ex(ctx, &inner, key->scheme->digest, NULL, NULL, key->secret,
				  NULL) != 1 ||
	    !key_evp_padding(key->scheme, inner, RSA_PSS_SALTLEN_DIGEST) ||
	    EVP_DigestSign(ctx, sig, &sig_len, data, len) != 1)
		return oak_fail(err, OAK_E_FAILED, "OpenSSL could not sign");
	if (buf_add(ret, sig, sig_len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static void free_secret(void *secret)
{
	EVP_PKEY_free(secret);
}

static const struct key_secret_ops openssl_ops = { .sign = sign, .free = free_secret };

static const struct kind *find_kind(const EVP_PKEY *pkey)
{
	char group[GROUP_NAME_MAX] = "";

	(void)EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL);
	for (size_t i = 0; i < N_KINDS; i++)
		if (EVP_PKEY_is_a(pkey, kinds[i].type) &&
		    (!kinds[i].group || strcmp(kinds[i].group, group) == 0))
			return &kinds[i];
	return NULL;
}

static char *raw_text(EVP_PKEY *pkey)
{
	uint8_t raw[ED25519_BYTES];
	size_t len = sizeof(raw);
	char *hex;

	if (EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != sizeof(raw))
		return NULL;
	hex = malloc(2 * sizeof(raw) + 1);
	if (hex)
		hex_encode(raw, sizeof(raw), hex);
	return hex;
}

static char *pem_text(EVP_PKEY *pkey)
{
	_cleanup_(BIO_free_allp) BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	/* The one form of a point that key-evp.c takes; for other keys the call fails, ignoring. */
	(void)EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
					     "uncompressed");
	if (!bio || PEM_write_bio_PUBKEY(bio, pkey) != 1)
		return NULL;
	len = BIO_get_mem_data(bio, &data);
	return strndup(data, (size_t)len);
}

int key_public_object(EVP_PKEY *pkey, json_t **ret, struct oak_error *err)
{
	const struct kind *kind = find_kind(pkey);
	_cleanup_(freep) char *text = NULL;
	int bits = EVP_PKEY_get_bits(pkey);

	if (!kind)
		return oak_fail(err, OAK_E_FORMAT,
				"not an ed25519, ECDSA P-256 or P-384, or RSA key");
	if (strcmp(kind->type, "RSA") == 0 && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
		return oak_fail(err, OAK_E_FORMAT, "an RSA key of %d bits; take %d to %d", bits,
				RSA_BITS_MIN, RSA_BITS_MAX);
	text = strcmp(kind->scheme, "ed25519") == 0 ? raw_text(pkey) : pem_text(pkey);
	*ret = text ? json_pack("{s:s, s:s, s:{s:s}}", "keytype", kind->keytype, "scheme",
				kind->scheme, "keyval", "public", text)
		    : NULL;
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int key_from_private(EVP_PKEY *pkey, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *guard = pkey;
	_cleanup_(json_decrefp) json_t *object = NULL;
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = key_public_object(pkey, &object, err);

	if (r == 0)
		r = tuf_key_parse(object, &key, err);
	if (!key)
		return r;
	key->secret = take_ptr(guard);
	key->secret_ops = &openssl_ops;
	*ret = take_ptr(key);
	return 0;
}

EVP_PKEY *key_private(const struct tuf_key *key)
{
	return key->secret_ops == &openssl_ops ? key->secret : NULL;
}

static EVP_PKEY *generate(const struct kind *kind)
{
	if (kind->group)
		return EVP_PKEY_Q_keygen(NULL, NULL, kind->type, kind->group);
	if (strcmp(kind->type, "RSA") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, kind->type, (size_t)RSA_BITS_NEW);
	return EVP_PKEY_Q_keygen(NULL, NULL, kind->type);
}

int tuf_key_generate_as(const char *scheme, struct tuf_key **ret, struct oak_error *err)
{
	EVP_PKEY *pkey;

	for (size_t i = 0; i < N_KINDS; i++) {
		if (strcmp(kinds[i].scheme, scheme) != 0)
			continue;
		pkey = generate(&kinds[i]);
		if (!pkey)
			return oak_fail(err, OAK_E_FAILED, "OpenSSL could not generate a %s key",
					scheme);
		return key_from_private(pkey, ret, err);
	}
	return oak_fail(err, OAK_E_USAGE,
			"unknown scheme '%s'; take ed25519, ecdsa-sha2-nistp256, "
			"ecdsa-sha2-nistp384 or rsassa-pss-sha256",
			scheme);
}

int tuf_key_generate(struct tuf_key **ret, struct oak_error *err)
{
	return tuf_key_generate_as(TUF_SCHEME_DEFAULT, ret, err);
}
