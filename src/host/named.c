/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/named.h"

#include <string.h>

#define PREFIX_MIN 4u

/* 2: exactly that one; 1: its id begins so. */
static int fit(const struct named *c, const char *wanted)
{
	size_t engine = strlen(c->engine), len = strlen(wanted);

	if (strcmp(c->name, wanted) == 0 || strcmp(c->id, wanted) == 0 ||
	    (strncmp(wanted, c->engine, engine) == 0 && wanted[engine] == ':' &&
	     strcmp(c->name, wanted + engine + 1) == 0))
		return 2;
	return len >= PREFIX_MIN && strncmp(c->id, wanted, len) == 0;
}

int named_find(size_t n, struct named (*get)(const void *ctx, size_t i), const void *ctx,
	       const char *wanted, size_t *ret, struct oak_error *err)
{
	size_t fits = 0, found = 0;
	int best = 0;

	for (size_t i = 0; i < n; i++) {
		const struct named c = get(ctx, i);
		int how = fit(&c, wanted);

		if (!how || how < best)
			continue;
		fits = how > best ? 1 : fits + 1;
		best = how;
		found = i;
	}
	if (!fits)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: no such container; 'oakum containers' lists them", wanted);
	if (fits > 1)
		return oak_fail(err, OAK_E_USAGE,
				"%s: %zu containers are called so; give an id, or engine:name",
				wanted, fits);
	*ret = found;
	return 0;
}
