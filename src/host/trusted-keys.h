/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted-keys: which certificates the running kernel holds, by name: /proc/keys.
 *
 * A line is "1a2b3c4d I------ 1 perm 1f030000 0 0 asymmetri NAME: HEX: X509.rsa 90abcdef []". NAME
 * is the certificate's common name, with its organisation and ": " before it where it has one. In
 * which keyring a key is the file does not say, and root alone sees all of it.
 * Source: security/keys/proc.c, crypto/asymmetric_keys/{x509_public_key,x509_cert_parser}.c of 6.1.
 */
#ifndef OAK_HOST_TRUSTED_KEYS_H
#define OAK_HOST_TRUSTED_KEYS_H

#include <stddef.h>

#include "base/error.h"

enum trusted_key {
	TRUSTED_KEY_UNKNOWN, /* no certificate is shown at all */
	TRUSTED_KEY_MISSING,
	TRUSTED_KEY_PRESENT,
};

/* Pure: what the text of /proc/keys says of a certificate whose common name is @signer. */
enum trusted_key trusted_keys_find(const char *keys, const char *signer);

enum trusted_key trusted_keys_read(int root, const char *signer);

#endif
