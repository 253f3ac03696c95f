/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key-priv.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/json.h"
#include "trust/canonical.h"
#include "trust/key-evp.h"

static int ed25519_decode(const struct key_scheme *s, const char *text, struct buf *ret)
{
	uint8_t raw[crypto_sign_ed25519_PUBLICKEYBYTES];

	(void)s;
	if (hex_decode(text, raw, sizeof(raw)) != (int)sizeof(raw))
		return -EINVAL;
	return buf_add(ret, raw, sizeof(raw));
}

/*
 * Beyond RFC 8032, libsodium refuses keys and commitments of small order, keys that are not
 * encoded canonically and an s that is not reduced: one signature has one form.
 *
 * No sodium_init(): it seeds random numbers and chooses implementations, and verifying uses
 * neither. Early in a boot it would wait for the kernel's entropy.
 */
static bool ed25519_verify(const struct key_scheme *s, const struct buf *public, const void *data,
			   size_t len, const uint8_t *sig, size_t sig_len)
{
	(void)s;
	return sig_len == crypto_sign_ed25519_BYTES &&
	       crypto_sign_ed25519_verify_detached(sig, data, len, public->data) == 0;
}

#define EC_SCHEME(type, name, md, head, point)                                 \
	{                                                                      \
		.keytype = (type), .scheme = (name), .decode = key_ec_decode,  \
		.verify = key_evp_verify, .digest = (md), .spki_head = (head), \
		.spki_head_len = sizeof(head), .point_len = (point),           \
	}
#define RSA_SCHEME(name, md, is_pss)                                                    \
	{                                                                               \
		.keytype = "rsa", .scheme = (name), .decode = key_rsa_decode,           \
		.verify = key_evp_verify, .digest = (md), .rsa = true, .pss = (is_pss), \
	}

/* The keytypes named like their scheme are those of older repositories. */
static const struct key_scheme schemes[] = {
	{ "ed25519", "ed25519", ed25519_decode, ed25519_verify },
	EC_SCHEME("ecdsa", "ecdsa-sha2-nistp256", "SHA256", key_p256_head, P256_POINT_BYTES),
	EC_SCHEME("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "SHA256", key_p256_head,
		  P256_POINT_BYTES),
	EC_SCHEME("ecdsa", "ecdsa-sha2-nistp384", "SHA384", key_p384_head, P384_POINT_BYTES),
	EC_SCHEME("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "SHA384", key_p384_head,
		  P384_POINT_BYTES),
	RSA_SCHEME("rsassa-pss-sha256", "SHA256", true),
	RSA_SCHEME("rsassa-pss-sha384", "SHA384", true),
	RSA_SCHEME("rsassa-pss-sha512", "SHA512", true),
	RSA_SCHEME("rsa-pkcs1v15-sha256", "SHA256", false),
	RSA_SCHEME("rsa-pkcs1v15-sha384", "SHA384", false),
	RSA_SCHEME("rsa-pkcs1v15-sha512", "SHA512", false),
};

static const struct key_scheme *find_scheme(const char *keytype, const char *scheme)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(schemes[i].keytype, keytype) == 0 &&
		    strcmp(schemes[i].scheme, scheme) == 0)
			return &schemes[i];
	return NULL;
}

static int set_id(struct tuf_key *key, const char *id, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	char hash[SHA256_HEX_MAX];
	int r;

	if (!id) {
		r = canonical_json(key->json, &canonical, err);
		if (r < 0)
			return r;
		sha256_hex(canonical.data, canonical.len, hash);
	}
	key->id = strdup(id ? id : hash);
	return key->id ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int tuf_key_parse_as(const json_t *object, const char *id, struct tuf_key **ret,
		     struct oak_error *err)
{
	const char *keytype = json_get_str(object, "keytype");
	const char *scheme = json_get_str(object, "scheme");
	const json_t *keyval = json_object_get(object, "keyval");
	const char *text = json_get_str(keyval, "public");
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r;

	if (!keytype || !scheme || !json_is_object(keyval))
		return oak_fail(err, OAK_E_FORMAT,
				"a key must be {\"keytype\", \"scheme\", \"keyval\"}");
	key = calloc(1, sizeof(*key));
	if (!key)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* json_incref() wants non-const; only the reference count changes. */
	key->json = json_incref((json_t *)(uintptr_t)object);
	r = set_id(key, id, err);
	if (r < 0)
		return r;
	key->scheme = find_scheme(keytype, scheme);
	if (key->scheme && !text)
		return oak_fail(err, OAK_E_FORMAT, "key of type %s: \"public\" is not given",
				keytype);
	if (key->scheme && key->scheme->decode(key->scheme, text, &key->public) == -ENOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(key);
	return 0;
}

int tuf_key_parse(const json_t *object, struct tuf_key **ret, struct oak_error *err)
{
	return tuf_key_parse_as(object, NULL, ret, err);
}

bool tuf_key_usable(const struct tuf_key *key)
{
	return key->public.len > 0;
}

const char *tuf_key_scheme(const struct tuf_key *key)
{
	return json_get_str(key->json, "scheme");
}

const char *tuf_key_id(const struct tuf_key *key)
{
	return key->id;
}

json_t *tuf_key_json(const struct tuf_key *key)
{
	return json_deep_copy(key->json);
}

/* The bytes say which algorithm they are of, so that the schemes need no comparing. */
bool tuf_key_same(const struct tuf_key *a, const struct tuf_key *b)
{
	return tuf_key_usable(a) && a->public.len == b->public.len &&
	       memcmp(a->public.data, b->public.data, a->public.len) == 0;
}

bool key_move_secret(struct tuf_key *from, struct tuf_key *to)
{
	if (!from->secret || to->secret || !tuf_key_same(from, to))
		return false;
	to->secret = take_ptr(from->secret);
	to->secret_ops = from->secret_ops;
	return true;
}

int tuf_key_sign(const struct tuf_key *key, const void *data, size_t len, char **ret,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf sig = { 0 };
	char *hex;
	int r;

	if (!key->secret)
		return oak_fail(err, OAK_E_REFUSED, "key %s has no private half", key->id);
	r = key->secret_ops->sign(key, data, len, &sig, err);
	if (r < 0)
		return oak_context(err, "key %s", key->id);
	/* A token may hold another key under the name; a faulty signature may betray the key. */
	if (!tuf_key_verify(key, data, len, sig.data, sig.len))
		return oak_fail(err, OAK_E_FAILED,
				"key %s: what was signed does not verify; its private half is "
				"another key's, or faulty",
				key->id);
	hex = malloc(2 * sig.len + 1);
	if (!hex)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	hex_encode(sig.data, sig.len, hex);
	*ret = hex;
	return 0;
}

bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len, const uint8_t *sig,
		    size_t sig_len)
{
	return tuf_key_usable(key) &&
	       key->scheme->verify(key->scheme, &key->public, data, len, sig, sig_len);
}

void tuf_key_free(struct tuf_key *key)
{
	if (!key)
		return;
	if (key->secret)
		key->secret_ops->free(key->secret);
	free(key->id);
	json_decref(key->json);
	buf_free(&key->public);
	free(key);
}
