/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key: one signing key of the repository, public alone or with its private half.
 *
 * A key is named by its keyid: the SHA-256 of the canonical form of its public JSON object
 * {"keytype":"ed25519","keyval":{"public":"<64 hex>"},"scheme":"ed25519"}. A key of a scheme
 * that we do not know is kept (the root that lists it stays valid) and never verifies anything.
 *
 * Private keys are PKCS#8 PEM files of mode 0600. They never lie below the web root.
 *
 * To add a scheme: one row in the table of key.c, its functions in a file of their own where they
 * need another library. Verifying is key.c (libsodium), private keys are key-private.c (OpenSSL):
 * see docs/decisions/0009.
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

/* A fresh ed25519 key pair. */
int tuf_key_generate(struct tuf_key **ret, struct oak_error *err) _must_check_;

/**
 * tuf_key_parse() - the public key of a metadata file
 * @object: the key object; borrowed for the call
 *
 * Errors: OAK_E_FORMAT, OAK_E_NOMEM. An unknown keytype or scheme is not an error.
 */
int tuf_key_parse(const json_t *object, struct tuf_key **ret, struct oak_error *err) _must_check_;

/* Reads a private key. A file that others can read is OAK_E_REFUSED. */
int tuf_key_load(int dirfd, const char *path, struct tuf_key **ret, struct oak_error *err)
	_must_check_;

/* Writes the private key, mode 0600; an existing file is OAK_E_REFUSED, never overwritten. */
int tuf_key_save(const struct tuf_key *key, int dirfd, const char *path, struct oak_error *err)
	_must_check_;

const char *tuf_key_id(const struct tuf_key *key); /* 64 hex characters, as long as the key lives */
json_t *tuf_key_json(const struct tuf_key *key);   /* new reference to the public object, or NULL */

/* Same public key bytes, whatever the keyids say. */
bool tuf_key_same(const struct tuf_key *a, const struct tuf_key *b);

/* @ret: the signature in hexadecimal, on the heap. Errors: OAK_E_REFUSED for a public key. */
int tuf_key_sign(const struct tuf_key *key, const void *data, size_t len, char **ret,
		 struct oak_error *err) _must_check_;

bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len, const uint8_t *sig,
		    size_t sig_len);

void tuf_key_free(struct tuf_key *key); /* NULL is fine */
DEFINE_CLEANUP(struct tuf_key *, tuf_key_free)

#endif
