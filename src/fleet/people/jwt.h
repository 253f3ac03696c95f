/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jwt: a signed token of an OpenID provider (JWS, compact form), and the provider's keys (JWKS).
 *
 *	alg    key        what it is
 *	RS256  RSA        PKCS #1 v1.5 with SHA-256, 2048 to 8192 bits
 *	ES256  EC P-256   r and s, 32 bytes each
 *	EdDSA  OKP        Ed25519
 *
 * Nothing else: never "none", and no HS256, with which the public key would be the secret. The key decides about
 * the algorithm, not the token. Of a token's header only alg, kid, typ and crit are looked at: keys and
 * addresses that it brings along (jwk, jku, x5c, x5u) are not.
 *
 * Pure, bounded. Source: RFC 7515, 7517, 7518 section 3, 8037, 8725 (what to beware of). To add an algorithm: a row in the
 * tables of jwt.c and jwks.c. Fuzzed by tests/fuzz/fuzz-jwt.c and fuzz-jwks.c.
 */
#ifndef OAK_FLEET_PEOPLE_JWT_H
#define OAK_FLEET_PEOPLE_JWT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

#define JWT_BYTES_MAX  16384u
#define JWT_SIG_MAX    1024u /* of RSA-8192 */
#define JWT_KID_MAX    256u
#define JWKS_BYTES_MAX 131072u
#define JWKS_KEYS_MAX  64u

enum jwt_alg {
	JWT_RS256,
	JWT_ES256,
	JWT_EDDSA,
	JWT_ALGS
};

/* "RS256"; NULL for JWT_ALGS. */
const char *jwt_alg_name(enum jwt_alg alg);

/* Read, and believed by nobody before jwks_verify(). */
struct jwt {
	enum jwt_alg alg;
	char kid[JWT_KID_MAX + 1]; /* "": none */
	json_t *claims;            /* an object */
	const char *text;          /* what is signed; borrowed */
	size_t text_len;
	uint8_t sig[JWT_SIG_MAX];
	size_t sig_len;
};

/* @text: as long as @ret is used. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_TRUST (another alg; crit). */
int jwt_parse(const char *text, size_t len, struct jwt *ret, struct oak_error *err) _must_check_;
void jwt_clear(struct jwt *t); /* also the guard */

struct jwks; /* opaque, immutable */

/* Keys that we cannot use (another kind, for encryption, too short) are left out. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE. */
int jwks_parse(const void *data, size_t len, struct jwks **ret, struct oak_error *err) _must_check_;
void jwks_free(struct jwks *keys); /* NULL is fine */
DEFINE_CLEANUP(struct jwks *, jwks_free)
size_t jwks_count(const struct jwks *keys); /* that can be used */

/*
 * Errors: OAK_E_NOTFOUND: there is no such key (kid, and fit for alg; without a kid there must be exactly one that is
 * fit): the provider may have a new one; OAK_E_TRUST: the signature is not of that key.
 */
int jwks_verify(const struct jwks *keys, const struct jwt *t, struct oak_error *err) _must_check_;

#endif
