/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keystore: the private keys at hand: one directory, its files as key-file.h and key-token.h
 * describe them.
 *
 * Opening reads public halves alone. A private key is loaded when it is first needed, and a
 * passphrase asked for only where the last good one does not fit. A NAME.pub without NAME.pem or
 * NAME.p11 is somebody else's key and not looked at.
 */
#ifndef OAK_TRUST_KEYSTORE_H
#define OAK_TRUST_KEYSTORE_H

#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "trust/key.h"
#include "trust/passphrase.h"

struct keystore; /* opaque */

/**
 * keystore_open() - what keys a directory holds, ordered by file name
 * @ask: copied; what it points to must outlive the keystore. NULL: only keys that need none.
 *
 * Errors: OAK_E_NOTFOUND (no such directory), OAK_E_REFUSED (others may read a key; an encrypted
 * key has no .pub), OAK_E_FORMAT, OAK_E_TOOLARGE (more than KEYSTORE_KEYS_MAX).
 */
int keystore_open(const char *dir, const struct passphrase_source *ask, struct keystore **ret,
		  struct oak_error *err) _must_check_;

#define KEYSTORE_KEYS_MAX 256

size_t keystore_n(const struct keystore *ks);
const struct tuf_key *keystore_public(const struct keystore *ks, size_t i); /* borrowed */
const char *keystore_file(const struct keystore *ks, size_t i);             /* "root.pem" */

bool keystore_has(const struct keystore *ks, const char *keyid);

/**
 * keystore_unlock() - a key that can sign; asks for its passphrase or PIN where it must
 * @ret: borrowed, as long as the keystore lives
 *
 * Errors: OAK_E_NOTFOUND (keystore_has() is false), OAK_E_REFUSED (wrong passphrase; the .pub is
 * another key's), those of ask() and of token.h.
 */
int keystore_unlock(struct keystore *ks, const char *keyid, const struct tuf_key **ret,
		    struct oak_error *err) _must_check_;

void keystore_close(struct keystore *ks); /* wipes; NULL is fine */
DEFINE_CLEANUP(struct keystore *, keystore_close)

#endif
