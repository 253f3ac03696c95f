/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seal: signatures over bytes between hosts and the fleet's server; see docs/formats/fleet.md. */
#ifndef OAK_TRUST_FLEET_SEAL_H
#define OAK_TRUST_FLEET_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tuf_key;

enum seal_kind {
	SEAL_ENROL,
	SEAL_REPORT,
	SEAL_ANSWER,
	SEAL_DECISION
};

#define SEAL_HEX_MAX 129 /* with the NUL */

int seal_make(enum seal_kind kind, const struct tuf_key *key, const void *data, size_t len,
	      char ret[SEAL_HEX_MAX], struct oak_error *err) _must_check_;

/* @hex: NULL, or what came from outside. */
bool seal_fits(enum seal_kind kind, const struct tuf_key *key, const void *data, size_t len,
	       const char *hex);

/* The same with the 32 bytes of the public key, without a key object: the server's hot path. */
bool seal_fits_raw(enum seal_kind kind, const uint8_t public_key[32], const void *data, size_t len,
		   const char *hex);

/*
 * "<64 hex>", as the documents name a key, and a key object of it that verifies. Errors: OAK_E_FORMAT,
 * OAK_E_REFUSED (not of ed25519), OAK_E_NOMEM.
 */
#define SEAL_KEY_HEX_MAX 65
int seal_key_hex(const struct tuf_key *key, char ret[SEAL_KEY_HEX_MAX], struct oak_error *err)
	_must_check_;
int seal_key_parse(const char *hex, struct tuf_key **ret, struct oak_error *err) _must_check_;

/* "<32 hex>": who has that key. */
void seal_host_id(const uint8_t public_key[32], char ret[33]);

#endif
