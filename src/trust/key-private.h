/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key-private: private keys as OpenSSL holds them. For key-*.c of the author's side alone. */
#ifndef OAK_TRUST_KEY_PRIVATE_H
#define OAK_TRUST_KEY_PRIVATE_H

#include "trust/key-evp.h"

/*
 * The public object of a key, as a root lists it. Errors: OAK_E_FORMAT "not an ed25519, ...".
 */
int key_public_object(EVP_PKEY *pkey, json_t **ret, struct oak_error *err) _must_check_;

/* A key with its private half; takes @pkey, also on failure. Errors: as above. */
int key_from_private(EVP_PKEY *pkey, struct tuf_key **ret, struct oak_error *err) _must_check_;

/* The private half that key_from_private() stored, borrowed; NULL: none, or it is in a token. */
EVP_PKEY *key_private(const struct tuf_key *key);

#endif
