/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/names.h"

#include <stdio.h>
#include <string.h>

enum tuf_role role_of_name(const char *name)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_TARGETS; role++)
		if (strcmp(name, tuf_role_name(role)) == 0)
			return role;
	return TUF_TARGETS;
}

void role_file(const char *name, char ret[ROLE_FILE_MAX])
{
	(void)snprintf(ret, ROLE_FILE_MAX, "%s.json", name);
}

void role_published_file(const char *name, uint64_t version, char ret[ROLE_FILE_MAX])
{
	if (role_of_name(name) == TUF_TIMESTAMP)
		role_file(name, ret);
	else
		(void)snprintf(ret, ROLE_FILE_MAX, "%llu.%s.json", (unsigned long long)version,
			       name);
}

void bin_name(unsigned i, unsigned digits, char ret[ROLE_NAME_MAX])
{
	(void)snprintf(ret, ROLE_NAME_MAX, "kernels-%0*x", (int)digits, i);
}

json_t *bin_patterns(unsigned i, unsigned digits)
{
	char list[64], level[64];

	(void)snprintf(list, sizeof(list), "kernels/*/%0*x*/levels.json", (int)digits, i);
	(void)snprintf(level, sizeof(level), "kernels/*/%0*x*/*/*", (int)digits, i);
	return json_pack("[s, s]", list, level);
}
