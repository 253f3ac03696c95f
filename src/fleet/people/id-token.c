/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/id-token.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/json.h"

#define AUDIENCES_MAX 16u
#define LATEST_S      253402300799.0 /* the end of the year 9999 */

/* A NumericDate may have a fraction. Return: -1: none. */
static int64_t time_of(const json_t *claims, const char *name)
{
	const json_t *at = json_object_get(claims, name);
	double s = json_number_value(at);

	return json_is_number(at) && s > 0 && s < LATEST_S ? (int64_t)s : -1;
}

static int wrong(const char *what, struct oak_error *err)
{
	return oak_fail(err, OAK_E_TRUST, "the ID token: %s", what);
}

/* For us, and for nobody else but where we are the one it was made for. */
static bool is_for(const json_t *claims, const char *client)
{
	const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp");
	size_t n = json_array_size(aud);
	bool found = json_is_string(aud) && strcmp(json_string_value(aud), client) == 0;

	if (n > AUDIENCES_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *one = json_string_value(json_array_get(aud, i));

		found |= one && strcmp(one, client) == 0;
	}
	if (!found || (n > 1 && !azp))
		return false;
	return !azp || (json_is_string(azp) && strcmp(json_string_value(azp), client) == 0);
}

static int check_times(const json_t *claims, const struct id_expect *want, struct oak_error *err)
{
	int64_t issued = time_of(claims, "iat");

	if (time_of(claims, "exp") + ID_LEEWAY_S <= want->now_s)
		return wrong("has expired, or does not say when", err);
	if (issued < 0 || issued > want->now_s + ID_LEEWAY_S)
		return wrong("was issued in the future, or does not say when", err);
	if (json_object_get(claims, "nbf") &&
	    (time_of(claims, "nbf") < 0 || time_of(claims, "nbf") > want->now_s + ID_LEEWAY_S))
		return wrong("is not valid yet", err);
	if (want->shown_s && time_of(claims, "auth_time") < want->shown_s - ID_LEEWAY_S)
		return wrong("the person did not show again who he is", err);
	return 0;
}

static bool is_nonce(const json_t *claims, const char *nonce)
{
	const char *given = json_get_str(claims, "nonce");

	return given && strlen(given) == strlen(nonce) &&
	       sodium_memcmp(given, nonce, strlen(nonce)) == 0;
}

int id_token_check(const json_t *claims, const struct id_expect *want, struct oak_error *err)
{
	const char *issuer = json_get_str(claims, "iss"), *subject = json_get_str(claims, "sub");
	int r;

	if (!issuer || strcmp(issuer, want->issuer) != 0)
		return wrong("is of another issuer", err);
	if (!is_for(claims, want->client))
		return wrong("is for another audience", err);
	r = check_times(claims, want, err);
	if (r < 0)
		return r;
	if (!is_nonce(claims, want->nonce))
		return wrong("has not the nonce of this sign-in", err);
	if (!subject || !subject[0] || strlen(subject) > ID_SUBJECT_MAX)
		return oak_fail(err, OAK_E_FORMAT, "the ID token: sub: 1 to %d bytes are wanted",
				ID_SUBJECT_MAX);
	return 0;
}

/* A member of that name; or, along the dots, one of a member. */
static const json_t *at_path(const json_t *claims, const char *path)
{
	const json_t *at = json_object_get(claims, path);

	for (unsigned depth = 0; !at && depth < 8; depth++) {
		size_t len = strcspn(path, ".");
		char part[128];

		if (len >= sizeof(part))
			return NULL;
		memcpy(part, path, len);
		part[len] = '\0';
		claims = json_object_get(claims, part);
		if (!path[len])
			return claims;
		path += len + 1;
	}
	return at;
}

static bool has_group(const json_t *groups, const char *group)
{
	if (json_is_string(groups))
		return strcmp(json_string_value(groups), group) == 0;
	for (size_t i = 0; i < json_array_size(groups); i++) {
		const char *one = json_string_value(json_array_get(groups, i));

		if (one && strcmp(one, group) == 0)
			return true;
	}
	return false;
}

static int read_role(const json_t *claims, const struct oidc_settings *set, enum person_role *ret,
		     struct oak_error *err)
{
	static const enum person_role order[] = { ROLE_ADMIN, ROLE_OPERATOR, ROLE_APPROVER,
						  ROLE_VIEWER };
	const json_t *groups = at_path(claims, set->role_claim);

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (set->groups[order[i]] && has_group(groups, set->groups[order[i]])) {
			*ret = order[i];
			return 0;
		}
	if (role_parse(set->role, ret))
		return 0;
	return oak_fail(err, OAK_E_REFUSED, "no group of the person has a role here");
}

int id_token_person(const json_t *claims, const struct oidc_settings *set, struct id_person *ret,
		    struct oak_error *err)
{
	const json_t *name = at_path(claims, set->name_claim);
	const char *subject = json_get_str(claims, "sub");
	struct id_person p = { .role = ROLE_VIEWER };
	int r = read_role(claims, set, &p.role, err);

	if (r < 0)
		return r;
	if (!json_is_string(name) || !json_string_length(name) ||
	    json_string_length(name) > PERSON_NAME_MAX)
		return oak_fail(err, OAK_E_FORMAT,
				"the ID token: %.64s: 1 to %u characters are wanted",
				set->name_claim, PERSON_NAME_MAX);
	if (!subject || strlen(subject) > ID_SUBJECT_MAX)
		return oak_fail(err, OAK_E_FORMAT, "the ID token: sub: is missing");
	(void)snprintf(p.name, sizeof(p.name), "%s", json_string_value(name));
	(void)snprintf(p.subject, sizeof(p.subject), "%s", subject);
	*ret = p;
	return 0;
}
