/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/catalog.h"

#include <errno.h>
#include <stdlib.h>

int catalog_add(struct cve_catalog *c, struct cve_record *r)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 1024;
		void *more = reallocarray(c->records, cap, sizeof(struct cve_record *));

		if (!more)
			return -ENOMEM;
		c->records = more;
		c->cap = cap;
	}
	c->records[c->n++] = r;
	return 0;
}

static int by_id(const struct cve_record *a, const struct cve_record *b)
{
	if (a->year != b->year)
		return a->year < b->year ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* A merge sort keeps the order of equals; glibc's qsort() need not. */
static void merge_sort(struct cve_record **v, struct cve_record **spare, size_t n)
{
	size_t half = n / 2, a = 0, b = half;

	if (n < 2)
		return;
	merge_sort(v, spare, half);
	merge_sort(v + half, spare, n - half);
	for (size_t i = 0; i < n; i++)
		spare[i] = b == n || (a < half && by_id(v[a], v[b]) <= 0) ? v[a++] : v[b++];
	for (size_t i = 0; i < n; i++)
		v[i] = spare[i];
}

int catalog_sort(struct cve_catalog *c)
{
	struct cve_record **spare = calloc(c->n + 1, sizeof(struct cve_record *));

	if (!spare)
		return -ENOMEM;
	merge_sort(c->records, spare, c->n);
	free(spare);
	return 0;
}

struct cve_record *catalog_find(const struct cve_catalog *c, const char *id)
{
	struct cve_record key = { 0 };
	size_t lo = 0, hi = c->n;

	if (cve_id_parse(id, &key.year, &key.number) < 0)
		return NULL;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = by_id(c->records[mid], &key);

		if (order == 0)
			return c->records[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

void catalog_free(struct cve_catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		cve_record_free(c->records[i]);
	free(c->records);
	*c = (struct cve_catalog){ 0 };
}
