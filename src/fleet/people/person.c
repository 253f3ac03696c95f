/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/person.h"

#include <string.h>

#include "fleet/http/http.h"

static const struct {
	const char *name;
	uint32_t scopes;
} roles[ROLES] = {
	[ROLE_VIEWER] = { "viewer", SCOPE_READ | SCOPE_METRICS },
	[ROLE_OPERATOR] = { "operator", SCOPE_READ | SCOPE_METRICS | SCOPE_HOSTS | SCOPE_ROLLOUTS },
	[ROLE_APPROVER] = { "approver", SCOPE_READ | SCOPE_METRICS | SCOPE_APPROVE },
	[ROLE_ADMIN] = { "admin", SCOPE_READ | SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_APPROVE |
					  SCOPE_ADMIN | SCOPE_METRICS },
};

uint32_t role_scopes(enum person_role role)
{
	return (unsigned)role < ROLES ? roles[role].scopes : 0;
}

const char *role_name(enum person_role role)
{
	return (unsigned)role < ROLES ? roles[role].name : "none";
}

bool role_parse(const char *name, enum person_role *ret)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (strcmp(roles[i].name, name) == 0) {
			*ret = (enum person_role)i;
			return true;
		}
	}
	return false;
}
