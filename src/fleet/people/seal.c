/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/seal.h"

#include <sodium.h>
#include <string.h>

#define VARIANT    sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define OVERHEAD   (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
#define SEALED_MAX (SEAL_MAX + OVERHEAD)

/* No JSON document begins so: nothing else that this key signs can have this signature. */
static const char derive[] = "oakum: key of seals, version 1";

static int derive_key(const struct tuf_key *key, const char *purpose,
		      uint8_t ret[crypto_secretbox_KEYBYTES], struct oak_error *err)
{
	_cleanup_(freep) char *signature = NULL;
	uint8_t root[crypto_generichash_BYTES];
	int r;

	if (strcmp(tuf_key_scheme(key), "ed25519") != 0)
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"the server's key is of %s: only one of ed25519 can seal",
				tuf_key_scheme(key));
	r = tuf_key_sign(key, derive, sizeof(derive) - 1, &signature, err);
	if (r < 0)
		return r;
	(void)crypto_generichash(root, sizeof(root), (const uint8_t *)signature, strlen(signature),
				 NULL, 0);
	(void)crypto_generichash(ret, crypto_secretbox_KEYBYTES, (const uint8_t *)purpose,
				 strlen(purpose), root, sizeof(root));
	sodium_memzero(signature, strlen(signature));
	sodium_memzero(root, sizeof(root));
	return 0;
}

static int as_text(const uint8_t *data, size_t len, char **ret, struct oak_error *err)
{
	size_t size = sodium_base64_encoded_len(len, VARIANT);
	char *text = malloc(size);

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)sodium_bin2base64(text, size, data, len, VARIANT);
	*ret = text;
	return 0;
}

int seal(const struct tuf_key *key, const char *purpose, const void *data, size_t len, char **ret,
	 struct oak_error *err)
{
	uint8_t k[crypto_secretbox_KEYBYTES];
	_cleanup_(freep) uint8_t *room = NULL;
	int r;

	if (len > SEAL_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "seal: more than %d bytes", SEAL_MAX);
	room = malloc(len + OVERHEAD);
	if (!room)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = derive_key(key, purpose, k, err);
	if (r < 0)
		return r;
	randombytes_buf(room, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(room + crypto_secretbox_NONCEBYTES, data, len, room, k);
	sodium_memzero(k, sizeof(k));
	return as_text(room, len + OVERHEAD, ret, err);
}

static int broken(struct oak_error *err)
{
	return oak_fail(err, OAK_E_TRUST, "this was not sealed by this server");
}

int unseal(const struct tuf_key *key, const char *purpose, const char *text, struct buf *ret,
	   struct oak_error *err)
{
	_cleanup_(freep) uint8_t *room = NULL, *plain = NULL;
	uint8_t k[crypto_secretbox_KEYBYTES];
	size_t len = 0, size = strlen(text) / 4 * 3 + 3;
	int r;

	if (size > SEALED_MAX + 3)
		return broken(err);
	room = malloc(size);
	plain = malloc(size);
	if (!room || !plain)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (sodium_base642bin(room, size, text, strlen(text), NULL, &len, NULL, VARIANT) < 0 ||
	    len < OVERHEAD)
		return broken(err);
	r = derive_key(key, purpose, k, err);
	if (r < 0)
		return r;
	r = crypto_secretbox_open_easy(plain, room + crypto_secretbox_NONCEBYTES,
				       len - crypto_secretbox_NONCEBYTES, room, k);
	sodium_memzero(k, sizeof(k));
	if (r < 0)
		return broken(err);
	r = buf_add(ret, plain, len - OVERHEAD);
	sodium_memzero(plain, size);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
