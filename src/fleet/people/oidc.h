/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oidc: signing in at an OpenID provider: authorization code with PKCE. What is asked of the provider's server is asked
 * here: its document and keys (kept for an hour), and who has a code.
 *
 * A provider that is slow or away costs at most OIDC_AT_ONCE workers for OIDC_TOTAL_S: passwords and hosts go on.
 * Keys are fetched anew for a kid that is not known, but at most once a minute, whatever tokens say.
 *
 * Locked within; any thread.
 */
#ifndef OAK_FLEET_PEOPLE_OIDC_H
#define OAK_FLEET_PEOPLE_OIDC_H

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fleet/people/oidc-state.h"
#include "fleet/server-settings.h"

#define OIDC_AT_ONCE  2
#define OIDC_TOTAL_S  10
#define OIDC_CODE_MAX 2048u

struct oidc; /* opaque */

/* @set: as long as it lives. NULL in @ret where no issuer is set. Does not ask the provider. Errors: of the secret's file. */
int oidc_new(const struct server_settings *set, struct oidc **ret, struct oak_error *err)
	_must_check_;
void oidc_free(struct oidc *o); /* NULL is fine */
DEFINE_CLEANUP(struct oidc *, oidc_free)

/* The provider's page, where the browser goes. Errors: OAK_E_AGAIN (not reached), as oidc_provider_parse(). */
int oidc_begin_url(struct oidc *o, const struct oidc_state *s, int64_t now_s, struct buf *ret,
		   struct oak_error *err) _must_check_;

/* Where one signs out there. Errors: OAK_E_NOTFOUND: it has no such page. */
int oidc_end_url(struct oidc *o, int64_t now_s, struct buf *ret, struct oak_error *err)
	_must_check_;

/* What the browser brought back. */
struct oidc_answer {
	const char *state, *code, *issuer; /* NULL: not there */
};

/**
 * oidc_finish() - the claims of who signed in
 * @ret: checked: signature, issuer, audience, times, nonce
 *
 * A state is taken once. Errors: OAK_E_TRUST (state, issuer, token), OAK_E_REFUSED (the provider does not take the code),
 * OAK_E_AGAIN, OAK_E_FORMAT.
 */
int oidc_finish(struct oidc *o, const struct oidc_state *s, const struct oidc_answer *a,
		int64_t now_s, json_t **ret, struct oak_error *err) _must_check_;

#endif
