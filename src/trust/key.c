/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key-priv.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/json.h"
#include "trust/canonical.h"

struct key_scheme {
	const char *keytype;
	const char *scheme;
	/* keyval.public to bytes. Equal keys give equal bytes. -EINVAL: malformed; -ENOMEM. */
	int (*decode)(const char *text, struct buf *ret);
	bool (*verify)(const struct buf *public, const void *data, size_t len, const uint8_t *sig,
		       size_t sig_len);
};

static int ed25519_decode(const char *text, struct buf *ret)
{
	uint8_t raw[crypto_sign_ed25519_PUBLICKEYBYTES];

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
static bool ed25519_verify(const struct buf *public, const void *data, size_t len,
			   const uint8_t *sig, size_t sig_len)
{
	return sig_len == crypto_sign_ed25519_BYTES &&
	       crypto_sign_ed25519_verify_detached(sig, data, len, public->data) == 0;
}

static const struct key_scheme schemes[] = {
	{ "ed25519", "ed25519", ed25519_decode, ed25519_verify },
};

static const struct key_scheme *find_scheme(const char *keytype, const char *scheme)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(schemes[i].keytype, keytype) == 0 &&
		    strcmp(schemes[i].scheme, scheme) == 0)
			return &schemes[i];
	return NULL;
}

static int set_id(struct tuf_key *key, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	int r = canonical_json(key->json, &canonical, err);

	if (r < 0)
		return r;
	sha256_hex(canonical.data, canonical.len, key->id);
	return 0;
}

int tuf_key_parse(const json_t *object, struct tuf_key **ret, struct oak_error *err)
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
	r = set_id(key, err);
	if (r < 0)
		return r;
	key->scheme = find_scheme(keytype, scheme);
	r = !key->scheme ? 0 : text ? key->scheme->decode(text, &key->public) : -EINVAL;
	if (r == -ENOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0)
		return oak_fail(err, OAK_E_FORMAT, "not a public %s key", keytype);
	*ret = take_ptr(key);
	return 0;
}

const char *tuf_key_id(const struct tuf_key *key)
{
	return key->id;
}

json_t *tuf_key_json(const struct tuf_key *key)
{
	return json_deep_copy(key->json);
}

bool tuf_key_same(const struct tuf_key *a, const struct tuf_key *b)
{
	return a->scheme && a->scheme == b->scheme && a->public.len == b->public.len &&
	       memcmp(a->public.data, b->public.data, a->public.len) == 0;
}

int tuf_key_sign(const struct tuf_key *key, const void *data, size_t len, char **ret,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf sig = { 0 };
	char *hex;
	int r;

	if (!key->secret)
		return oak_fail(err, OAK_E_REFUSED, "key %s has no private half", key->id);
	r = key->secret_ops->sign(key->secret, data, len, &sig, err);
	if (r < 0)
		return oak_context(err, "key %s", key->id);
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
	return key->scheme && key->scheme->verify(&key->public, data, len, sig, sig_len);
}

void tuf_key_free(struct tuf_key *key)
{
	if (!key)
		return;
	if (key->secret)
		key->secret_ops->free(key->secret);
	json_decref(key->json);
	buf_free(&key->public);
	free(key);
}
