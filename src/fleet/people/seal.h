/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seal: bytes that only servers of this fleet can read or make: TOTP secrets in the database, the state of an
 * OIDC sign-in in a browser's cookie. XSalsa20-Poly1305 (libsodium's secretbox) with a random nonce.
 *
 * The key comes of the key that signs decisions, which all servers of a fleet share and which never lies in
 * the database: a keyed hash over its signature of a fixed text. That signature is never published, and the text
 * is no JSON document, so nothing that the server signs for others can be it. Signatures of ed25519 are
 * always the same for the same text; keys of other schemes are refused.
 *
 * Another decision key: what was sealed is lost (people set their TOTP up again, by recovery code or admin).
 */
#ifndef OAK_FLEET_PEOPLE_SEAL_H
#define OAK_FLEET_PEOPLE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/key.h"

#define SEAL_MAX 16384 /* bytes that are sealed, at most */

/**
 * seal() - base64url text of @data
 * @purpose: "totp", "oidc-state": what was sealed for one cannot be read as another
 * @ret:     on the heap
 *
 * Errors: OAK_E_UNSUPPORTED (the key), OAK_E_TOOLARGE, OAK_E_NOMEM.
 */
int seal(const struct tuf_key *key, const char *purpose, const void *data, size_t len, char **ret,
	 struct oak_error *err) _must_check_;

/* Adds to @ret. Errors: OAK_E_TRUST: not sealed by this key, for this purpose; or changed since. */
int unseal(const struct tuf_key *key, const char *purpose, const char *text, struct buf *ret,
	   struct oak_error *err) _must_check_;

#endif
