/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/provider.h"

#include <string.h>

static const struct provider *const providers[] = {
	&provider_debian,
};

const struct provider *provider_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		const struct provider *p = providers[i];

		if (strlen(p->name) == len && memcmp(p->name, name, len) == 0)
			return p;
	}
	return NULL;
}
