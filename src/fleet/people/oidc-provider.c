/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/oidc-provider.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "fleet/hooks/address.h"
#include "fleet/people/jwt.h"

#define WHAT "the provider's document"

static int read_url(const json_t *d, const char *name, bool loopback, char ret[OIDC_URL_MAX + 1],
		    struct oak_error *err)
{
	const char *url = json_get_str(d, name);
	struct oak_error why;
	bool here = false;

	if (!url)
		return oak_fail(err, OAK_E_FORMAT, WHAT ": %s is missing", name);
	/* A provider elsewhere must not lead us to what only this machine can reach. */
	if (strlen(url) > OIDC_URL_MAX || hook_url_check(url, &here, &why) < 0 ||
	    (here && !loopback))
		return oak_fail(err, OAK_E_FORMAT, WHAT ": %s is not an https URL", name);
	(void)snprintf(ret, OIDC_URL_MAX + 1, "%s", url);
	return 0;
}

/* A list that is not there says nothing. */
static bool lists(const json_t *d, const char *name, const char *word)
{
	const json_t *list = json_object_get(d, name);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (one && strcmp(one, word) == 0)
			return true;
	}
	return false;
}

static int check_abilities(const json_t *d, struct oak_error *err)
{
	static const struct {
		const char *list, *word;
	} wanted[] = {
		{ "response_types_supported", "code" },
		{ "code_challenge_methods_supported", "S256" },
	};
	static const char algs[] = "id_token_signing_alg_values_supported";
	bool signs = !json_object_get(d, algs);

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (json_object_get(d, wanted[i].list) && !lists(d, wanted[i].list, wanted[i].word))
			return oak_fail(err, OAK_E_UNSUPPORTED, WHAT ": %s is without %s",
					wanted[i].list, wanted[i].word);
	for (unsigned i = 0; i < JWT_ALGS; i++)
		signs |= lists(d, algs, jwt_alg_name((enum jwt_alg)i));
	return signs ? 0
		     : oak_fail(err, OAK_E_UNSUPPORTED,
				WHAT ": it signs neither with RS256 nor ES256 nor EdDSA");
}

int oidc_provider_parse(const char *issuer, const void *data, size_t len, struct oidc_provider *ret,
			struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *d = NULL;
	struct oidc_provider p = { .basic = false };
	bool loopback = false;
	const char *same;
	int r = json_parse(data, len, OIDC_DOCUMENT_MAX, WHAT, &d, err);

	if (r == 0)
		r = hook_url_check(issuer, &loopback, err);
	if (r < 0)
		return r;
	same = json_get_str(d, "issuer");
	if (!same || strcmp(same, issuer) != 0)
		return oak_fail(err, OAK_E_TRUST, WHAT ": is of another issuer: '%.200s'",
				same ? same : "");
	r = read_url(d, "authorization_endpoint", loopback, p.authorization, err);
	if (r == 0)
		r = read_url(d, "token_endpoint", loopback, p.token, err);
	if (r == 0)
		r = read_url(d, "jwks_uri", loopback, p.keys, err);
	if (r == 0 && json_object_get(d, "end_session_endpoint"))
		r = read_url(d, "end_session_endpoint", loopback, p.end_session, err);
	if (r == 0)
		r = check_abilities(d, err);
	if (r < 0)
		return r;
	p.tells_issuer =
		json_is_true(json_object_get(d, "authorization_response_iss_parameter_supported"));
	p.basic = !json_object_get(d, "token_endpoint_auth_methods_supported") ||
		  lists(d, "token_endpoint_auth_methods_supported", "client_secret_basic");
	*ret = p;
	return 0;
}
