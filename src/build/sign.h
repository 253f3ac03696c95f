/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sign: the signature that a kernel which enforces module signatures asks for.
 *
 * A detached PKCS#7 (CMS) message over the module's bytes with one signer, named by issuer and
 * serial number; no signed attributes and no certificates, for the kernel looks the key up in its
 * own keyrings. The level's trust does not rest on it: that is the repository's (trust/).
 *
 * Source: Documentation/admin-guide/module-signing.rst; crypto/asymmetric_keys/pkcs7_parser.c.
 */
#ifndef OAK_BUILD_SIGN_H
#define OAK_BUILD_SIGN_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

#define SIGN_HASH_MAX 16 /* "sha3-512" is the longest that kernels know */

struct sign_key; /* opaque: a private key and the certificate that goes with it */

/**
 * sign_key_open() - read key and certificate, and see that they belong together
 * @key:  path of a PEM file, or a "pkcs11:" URI
 * @cert: path of a PEM or DER file
 * @pin:  passphrase of the file or PIN of the token; NULL: there is none. Never shown.
 *
 * Errors: OAK_E_IO (unreadable), OAK_E_FORMAT (not a key, not a certificate), OAK_E_REFUSED
 * (passphrase missing or wrong; key and certificate do not match), OAK_E_UNSUPPORTED (this OpenSSL
 * cannot use tokens).
 */
int sign_key_open(const char *key, const char *cert, const char *pin, struct sign_key **ret,
		  struct oak_error *err) _must_check_;
void sign_key_free(struct sign_key *k);
DEFINE_CLEANUP(struct sign_key *, sign_key_free)

/* Who signs: the certificate's common name. */
const char *sign_key_name(const struct sign_key *k);

/**
 * sign_hash() - the hash that the kernel's own modules are signed with
 * @config: text of the kernel's configuration
 * @ret:    "sha256" where it does not say
 */
void sign_hash(const char *config, char ret[SIGN_HASH_MAX]);

/**
 * sign_module() - put a signature after the module
 * @hash: as sign_hash() says
 *
 * Errors: OAK_E_UNSUPPORTED (OpenSSL does not know the hash), OAK_E_FAILED, OAK_E_NOMEM.
 */
int sign_module(const struct sign_key *k, const char *hash, struct buf *module,
		struct oak_error *err) _must_check_;

#endif
