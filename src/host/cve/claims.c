/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/claims.h"

#include <errno.h>
#include <stdlib.h>

#include "host/plain.h"
#include "trust/cve/record.h"

int claims_add(struct cve_claims *c, const char *cve, const struct cve_claim *claim)
{
	uint32_t year, number;

	if (cve_id_parse(cve, &year, &number) < 0)
		return 0;
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 32;
		void *more = reallocarray(c->v, cap, sizeof(*c->v));

		if (!more)
			return -ENOMEM;
		c->v = more;
		c->cap = cap;
	}
	c->v[c->n] = *claim;
	c->v[c->n++].id = (uint64_t)year << 32 | number;
	return 0;
}

static enum cve_claim_kind kind_of(const struct manifest_fix *f, const struct livepatch *p)
{
	if (!p)
		return CVE_CLAIM_ON_DISK;
	if (!host_fix_redirected(p, f))
		return CVE_CLAIM_BROKEN;
	return host_level_state(p) == LEVEL_APPLIED ? CVE_CLAIM_LIVE : CVE_CLAIM_COMING;
}

int claims_add_manifest(struct cve_claims *c, const struct manifest *m, const struct livepatch *p)
{
	for (size_t i = 0; i < m->n_fixes; i++) {
		const struct manifest_fix *f = &m->fixes[i];
		struct cve_claim claim = { .kind = kind_of(f, p), .level = m->level };

		plain_copy(claim.text, sizeof(claim.text), f->title[0] ? f->title : f->id);
		for (size_t k = 0; k < f->n_cve; k++)
			if (claims_add(c, f->cve[k], &claim) < 0)
				return -ENOMEM;
	}
	return 0;
}

/* Of one id and kind the highest level comes first. */
static int by_id(const void *a, const void *b)
{
	const struct cve_claim *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->level < y->level) - (x->level > y->level);
}

void claims_sort(struct cve_claims *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_id);
}

const struct cve_claim *claims_find(const struct cve_claims *c, uint32_t year, uint32_t number,
				    enum cve_claim_kind kind)
{
	uint64_t id = (uint64_t)year << 32 | number;
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->v[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < c->n && c->v[lo].id == id; lo++)
		if (c->v[lo].kind == kind)
			return &c->v[lo];
	return NULL;
}

void claims_free(struct cve_claims *c)
{
	free(c->v);
	*c = (struct cve_claims){ 0 };
}
