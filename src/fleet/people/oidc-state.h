/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oidc-state: what is known of a sign-in between /oidc/start and /oidc/callback. It lies sealed in a cookie of the
 * browser that began, and nowhere else: an answer that comes to another browser ends nothing there.
 *
 *	state     in the address to the provider and back: this browser's answer (CSRF)
 *	nonce     in the ID token: made for this sign-in
 *	verifier  its SHA-256 goes to the provider, itself goes with the code (PKCE, RFC 7636, S256)
 *
 * Each 256 random bits. Pure but for oidc_state_new(). Fuzzed by tests/fuzz/fuzz-oidc-state.c.
 */
#ifndef OAK_FLEET_PEOPLE_OIDC_STATE_H
#define OAK_FLEET_PEOPLE_OIDC_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "fleet/people/local-path.h"

#define OIDC_COOKIE     "__Host-oakum-oidc"
#define OIDC_COOKIE_MAX 2048u
#define OIDC_PURPOSE    "oidc-state" /* of the seal */
#define OIDC_STATE_S    600
#define OIDC_RANDOM     44u /* base64url of 32 bytes, and NUL */

struct oidc_state {
	char state[OIDC_RANDOM], nonce[OIDC_RANDOM], verifier[OIDC_RANDOM];
	char to[LOCAL_PATH_MAX + 1];
	int64_t begun_s;
	bool again; /* a proof is wanted: the provider asks even who is signed in there */
};

void oidc_state_new(const char *to, bool again, int64_t now_s, struct oidc_state *ret);

/* The challenge of the verifier. */
void oidc_challenge(const char verifier[OIDC_RANDOM], char ret[OIDC_RANDOM]);

/* JSON, to be sealed; and read again. Errors of reading: OAK_E_FORMAT; OAK_E_TRUST: older than OIDC_STATE_S. */
int oidc_state_write(const struct oidc_state *s, struct buf *ret, struct oak_error *err)
	_must_check_;
int oidc_state_read(const void *data, size_t len, int64_t now_s, struct oidc_state *ret,
		    struct oak_error *err) _must_check_;

/* In constant time. */
bool oidc_state_is(const struct oidc_state *s, const char *given);

#endif
