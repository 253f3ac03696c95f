/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/scopes.h"

#include <string.h>

#include "fleet/http/http.h"

static const struct {
	const char *name;
	uint32_t bit;
} scopes[] = {
	{ "read", SCOPE_READ },       { "hosts", SCOPE_HOSTS }, { "rollouts", SCOPE_ROLLOUTS },
	{ "approve", SCOPE_APPROVE }, { "admin", SCOPE_ADMIN }, { "metrics", SCOPE_METRICS },
};

json_t *api_scope_names(uint32_t bits)
{
	json_t *names = json_array();

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (bits & scopes[i].bit)
			(void)json_array_append_new(names, json_string(scopes[i].name));
	return names;
}

uint32_t api_scope_bit(const char *name)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (strcmp(scopes[i].name, name) == 0)
			return scopes[i].bit;
	return 0;
}
