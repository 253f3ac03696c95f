/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fleet/seal.h"

#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "trust/key.h"

static const char *const prefixes[] = {
	[SEAL_ENROL] = "oakum-enrol-1\n",
	[SEAL_REPORT] = "oakum-report-1\n",
	[SEAL_ANSWER] = "oakum-answer-1\n",
	[SEAL_DECISION] = "oakum-decision-1\n",
};

static int prefixed(enum seal_kind kind, const void *data, size_t len, struct buf *ret)
{
	int r = buf_add_str(ret, prefixes[kind]);

	return r < 0 ? r : buf_add(ret, data, len);
}

int seal_make(enum seal_kind kind, const struct tuf_key *key, const void *data, size_t len,
	      char ret[SEAL_HEX_MAX], struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(freep) char *hex = NULL;
	int r;

	if (prefixed(kind, data, len, &text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = tuf_key_sign(key, text.data, text.len, &hex, err);
	if (r < 0)
		return r;
	if (strlen(hex) != SEAL_HEX_MAX - 1)
		return oak_fail(err, OAK_E_REFUSED, "key %s is of %s, not of ed25519",
				tuf_key_id(key), tuf_key_scheme(key));
	memcpy(ret, hex, SEAL_HEX_MAX);
	return 0;
}

/* 64 bytes of exactly 128 digits. */
static bool decode(const char *hex, uint8_t ret[crypto_sign_ed25519_BYTES])
{
	return hex && hex_decode(hex, ret, crypto_sign_ed25519_BYTES) == crypto_sign_ed25519_BYTES;
}

bool seal_fits(enum seal_kind kind, const struct tuf_key *key, const void *data, size_t len,
	       const char *hex)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	uint8_t sig[crypto_sign_ed25519_BYTES];

	return decode(hex, sig) && strcmp(tuf_key_scheme(key), "ed25519") == 0 &&
	       prefixed(kind, data, len, &text) == 0 &&
	       tuf_key_verify(key, text.data, text.len, sig, sizeof(sig));
}

/* As trust/key.c says, libsodium needs no sodium_init() for this. */
bool seal_fits_raw(enum seal_kind kind, const uint8_t public_key[32], const void *data, size_t len,
		   const char *hex)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	uint8_t sig[crypto_sign_ed25519_BYTES];

	return decode(hex, sig) && prefixed(kind, data, len, &text) == 0 &&
	       crypto_sign_ed25519_verify_detached(sig, text.data, text.len, public_key) == 0;
}

int seal_key_hex(const struct tuf_key *key, char ret[SEAL_KEY_HEX_MAX], struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = tuf_key_json(key);
	const char *hex = json_get_str(json_object_get(json, "keyval"), "public");
	uint8_t raw[crypto_sign_ed25519_PUBLICKEYBYTES];

	if (strcmp(tuf_key_scheme(key), "ed25519") != 0 || !hex ||
	    hex_decode(hex, raw, sizeof(raw)) != (int)sizeof(raw))
		return oak_fail(err, OAK_E_REFUSED, "key %s is not of ed25519", tuf_key_id(key));
	hex_encode(raw, sizeof(raw), ret);
	return 0;
}

int seal_key_parse(const char *hex, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *json = json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme",
					 "ed25519", "keyval", "public", hex);
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r = json ? tuf_key_parse(json, &key, err)
		     : oak_fail(err, OAK_E_FORMAT, "not a key of 64 hex digits");

	if (r < 0)
		return r;
	if (!tuf_key_usable(key))
		return oak_fail(err, OAK_E_FORMAT, "not a key of 64 hex digits");
	*ret = take_ptr(key);
	return 0;
}

void seal_host_id(const uint8_t public_key[32], char ret[33])
{
	char hash[SHA256_HEX_MAX];

	sha256_hex(public_key, crypto_sign_ed25519_PUBLICKEYBYTES, hash);
	memcpy(ret, hash, 32);
	ret[32] = '\0';
}
