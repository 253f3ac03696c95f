/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * id-token: what the claims of a provider's ID token say, once its signature is known to be good (jwt.h), and whom they
 * make of somebody. Pure. Source: OpenID Connect Core 1.0, 2 and 3.1.3.7; RFC 8725.
 */
#ifndef OAK_FLEET_PEOPLE_ID_TOKEN_H
#define OAK_FLEET_PEOPLE_ID_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "fleet/people/person.h"
#include "fleet/server-settings.h"

#define ID_LEEWAY_S    60  /* clocks differ */
#define ID_SUBJECT_MAX 255 /* OpenID Connect Core, 2 */

struct id_expect {
	const char *issuer, *client, *nonce;
	int64_t now_s;
	/* The person must have shown who he is since then ("auth_time"); 0: whenever. */
	int64_t shown_s;
};

/*
 * iss, aud (ours, and ours alone or with azp), exp, iat, nbf, nonce, sub. Errors: OAK_E_TRUST (which of them), OAK_E_FORMAT.
 */
int id_token_check(const json_t *claims, const struct id_expect *want, struct oak_error *err)
	_must_check_;

struct id_person {
	char subject[ID_SUBJECT_MAX + 1];
	char name[PERSON_NAME_MAX + 1];
	enum person_role role;
};

/*
 * Of claims that were checked. The name of the claim with groups may be that of a member, or a path to it with dots
 * ("realm_access.roles"). The first of admin, operator, approver, viewer whose group is there is the role, else the setting's.
 * Errors: OAK_E_REFUSED: none; OAK_E_FORMAT: no name.
 */
int id_token_person(const json_t *claims, const struct oidc_settings *set, struct id_person *ret,
		    struct oak_error *err) _must_check_;

#endif
