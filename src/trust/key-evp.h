/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key-evp: verify with OpenSSL what libsodium has not: ECDSA and RSA-PSS. For key-*.c alone.
 *
 * keyval.public is the PEM text of a SubjectPublicKeyInfo. Decoding it calls nothing of OpenSSL,
 * whose start costs a host dearly (docs/decisions/0009): only the first signature does.
 */
#ifndef OAK_TRUST_KEY_EVP_H
#define OAK_TRUST_KEY_EVP_H

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "trust/key-priv.h"

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

/* The head of the DER of a public key on a curve. */
extern const uint8_t key_p256_head[26];
extern const uint8_t key_p384_head[23];
#define P256_POINT_BYTES 65
#define P384_POINT_BYTES 97

/* Functions of rows of the table in key.c. */
int key_ec_decode(const struct key_scheme *s, const char *text, struct buf *ret);
int key_rsa_decode(const struct key_scheme *s, const char *text, struct buf *ret);
bool key_evp_verify(const struct key_scheme *s, const struct buf *public, const void *data,
		    size_t len, const uint8_t *sig, size_t sig_len);

/* Padding and mask of the scheme; @salt_len: bytes or RSA_PSS_SALTLEN_... */
bool key_evp_padding(const struct key_scheme *s, EVP_PKEY_CTX *ctx, int salt_len);

#endif
