/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/severity.h"

#include <errno.h>
#include <string.h>

const char *const severity_names[] = { "low", "medium", "high", "critical", NULL };

int severity_parse(const char *name, uint32_t *ret)
{
	for (uint32_t i = 0; severity_names[i]; i++)
		if (strcmp(name, severity_names[i]) == 0) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}
