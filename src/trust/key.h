/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key: one signing key of the repository, public alone or with its private half.
 *
 * A key is named by its keyid: the SHA-256 of the canonical form of its public JSON object
 * {"keytype":"ed25519","keyval":{"public":"<64 hex>"},"scheme":"ed25519"}. A key that we cannot
 * use (unknown scheme, or "public" is not a key of the declared type) is kept, so that the root
 * that lists it stays valid, and never verifies anything.
 *
 *	keytype  scheme                        public
 *	ed25519  ed25519                       64 hexadecimal digits
 *	ecdsa    ecdsa-sha2-nistp256, ...384   PEM; the signature is DER
 *	rsa      rsassa-pss-sha256, ...512     PEM, 2048 to 8192 bits
 *
 * Private keys are PKCS#8 PEM files of mode 0600, or lie in a token: key-file.h, key-token.h,
 * keystore.h. They never lie below the web root.
 *
 * To add a scheme: one row in the table of key.c, its functions in a file of their own where they
 * need another library. Verifying is key.c (libsodium) and key-evp.c (OpenSSL, which starts with
 * the first signature that needs it); private keys are key-private.c: see docs/decisions/0009.
 * Source: TUF 1.0.x section 4.2.
 */
#ifndef OAK_TRUST_KEY_H
#define OAK_TRUST_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"

#define TUF_SIGNATURE_MAX 1024 /* bytes; RSA-8192 would fit */

struct tuf_key; /* opaque, immutable */

#define TUF_SCHEME_DEFAULT "ed25519"

/* A fresh key pair: of ed25519, or of a scheme that key-private.c can generate. */
int tuf_key_generate(struct tuf_key **ret, struct oak_error *err) _must_check_;
int tuf_key_generate_as(const char *scheme, struct tuf_key **ret, struct oak_error *err)
	_must_check_;

/**
 * tuf_key_parse() - the public key of a metadata file
 * @object: the key object; borrowed for the call
 *
 * Errors: OAK_E_FORMAT, OAK_E_NOMEM. A key that cannot be used is not an error: tuf_key_usable().
 */
int tuf_key_parse(const json_t *object, struct tuf_key **ret, struct oak_error *err) _must_check_;

/* The same for a keyid that is not the hash, see enum keyid_rule; @id NULL: the hash. */
int tuf_key_parse_as(const json_t *object, const char *id, struct tuf_key **ret,
		     struct oak_error *err) _must_check_;

const char *tuf_key_id(const struct tuf_key *key);     /* as long as the key lives */
const char *tuf_key_scheme(const struct tuf_key *key); /* likewise; also one we do not know */
bool tuf_key_usable(const struct tuf_key *key);        /* can it verify anything? */
json_t *tuf_key_json(const struct tuf_key *key); /* new reference to the public object, or NULL */

/* Same public key bytes, whatever keyids and schemes say; false for keys that cannot be used. */
bool tuf_key_same(const struct tuf_key *a, const struct tuf_key *b);

/* @ret: the signature in hexadecimal, on the heap. Errors: OAK_E_REFUSED for a public key. */
int tuf_key_sign(const struct tuf_key *key, const void *data, size_t len, char **ret,
		 struct oak_error *err) _must_check_;

bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len, const uint8_t *sig,
		    size_t sig_len);

void tuf_key_free(struct tuf_key *key); /* NULL is fine */
DEFINE_CLEANUP(struct tuf_key *, tuf_key_free)

#endif
