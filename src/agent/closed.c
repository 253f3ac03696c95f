/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/closed.h"

#include <string.h>

#include "base/cleanup.h"

/* "CVE-2026-9" before "CVE-2026-10", as people count. */
static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int closed_by(const struct manifest *m, struct closed *ret, struct oak_error *err)
{
	size_t n = 0, kept = 0;
	char **list;

	for (size_t i = 0; m && i < m->n_fixes; i++)
		n += m->fixes[i].n_cve;
	*ret = (struct closed){ 0 };
	if (!n)
		return 0;
	list = reallocarray(NULL, n, sizeof(*list));
	if (!list)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = 0;
	for (size_t i = 0; i < m->n_fixes; i++)
		for (size_t k = 0; k < m->fixes[i].n_cve; k++)
			memcpy(&list[n++], &m->fixes[i].cve[k], sizeof(*list));
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	*ret = (struct closed){ .cves = list, .n = kept };
	return 0;
}

int closed_of(const struct picture *p, struct closed *ret, struct oak_error *err)
{
	bool holds = p->level && p->state == LEVEL_APPLIED;

	return closed_by(holds ? p->manifest : NULL, ret, err);
}

void closed_free(struct closed *c)
{
	free(c->cves);
	*c = (struct closed){ 0 };
}
