/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oidc-provider: where an OpenID provider has what, of its discovery document. Pure. Source: OpenID Connect
 * Discovery 1.0, 3 and 4.3; RFC 8414; RFC 9207 (iss of the answer); RP-Initiated Logout 1.0, 2.1. Fuzzed by
 * tests/fuzz/fuzz-oidc-provider.c.
 */
#ifndef OAK_FLEET_PEOPLE_OIDC_PROVIDER_H
#define OAK_FLEET_PEOPLE_OIDC_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define OIDC_URL_MAX      1024u
#define OIDC_DOCUMENT_MAX 65536u

struct oidc_provider {
	char authorization[OIDC_URL_MAX + 1], token[OIDC_URL_MAX + 1], keys[OIDC_URL_MAX + 1];
	char end_session[OIDC_URL_MAX + 1]; /* "": none */
	bool tells_issuer;                  /* its answers have "iss": one without is not its own */
	bool basic; /* takes our secret in the header Authorization; else in the form */
};

/*
 * @issuer: the document's must be the same, byte for byte. Each address is https, or, of an issuer on this
 * machine, on this machine too. It must know what we do: code, S256, an algorithm of ours. Errors: OAK_E_FORMAT,
 * OAK_E_TRUST (another issuer), OAK_E_UNSUPPORTED (which it does not know).
 */
int oidc_provider_parse(const char *issuer, const void *data, size_t len, struct oidc_provider *ret,
			struct oak_error *err) _must_check_;

#endif
