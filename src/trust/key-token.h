/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key-token: private keys that stay in a PKCS#11 token. NAME.p11 is a text file with one URI
 * (RFC 7512); NAME.pub beside it is the public object. The URI is found as token.h says.
 *
 * Ed25519, ECDSA on P-256 and P-384, RSA-PSS.
 */
#ifndef OAK_TRUST_KEY_TOKEN_H
#define OAK_TRUST_KEY_TOKEN_H

#include "trust/key.h"
#include "trust/passphrase.h"

/* Writes FILE.p11 and FILE.pub. Errors: OAK_E_REFUSED where one exists. */
int key_token_write(const char *uri, const struct tuf_key *public, int dirfd, const char *path,
		    struct oak_error *err) _must_check_;

/* The URI, on the heap. A file that others can change is OAK_E_REFUSED: it may name a library. */
int key_token_read(int dirfd, const char *path, char **ret, struct oak_error *err) _must_check_;

/* The public key that the token has; asks for the PIN only where the token hides public keys. */
int key_token_public(const char *uri, const struct passphrase_source *ask, struct tuf_key **ret,
		     struct oak_error *err) _must_check_;

/**
 * key_token_open() - a key that signs in the token
 * @public: what its .pub says; copied. Whether the token holds the same key shows when it signs.
 *
 * The session stays open as long as the key lives. Errors: those of token.h.
 */
int key_token_open(const char *uri, const struct tuf_key *public,
		   const struct passphrase_source *ask, struct tuf_key **ret, struct oak_error *err)
	_must_check_;

#endif
