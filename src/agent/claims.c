/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/claims.h"

#include "agent/news.h"
#include "base/cleanup.h"
#include "host/cache.h"
#include "host/host.h"
#include "host/plain.h"

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Levels on disk; the one in the kernel is compared with what the kernel shows. */
static int from_disk(int root, const struct host *h, struct cve_claims *ret, uint32_t *ret_unknown,
		     struct oak_error *err)
{
	const struct livepatch *p = host_level(h);
	_cleanup_(freep) uint32_t *levels = NULL;
	bool known = !p;
	size_t n = 0;

	if (!h->id.build_id[0] || cache_list(root, h->id.build_id, &levels, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		_cleanup_(manifest_freep) struct manifest *m = NULL;
		bool loaded = p && p->level == levels[i];

		if (cache_manifest(root, h->id.build_id, levels[i], &m, NULL) < 0)
			continue;
		/* A lower level than the one in the kernel is no way out of anything. */
		if (!loaded && p && levels[i] < p->level)
			continue;
		if (claims_add_manifest(ret, m, loaded ? p : NULL) < 0)
			return out_of_memory(err);
		known = known || loaded;
	}
	*ret_unknown = known ? 0 : p->level;
	return 0;
}

static int from_news(int root, struct cve_claims *ret, struct oak_error *err)
{
	_cleanup_(news_clear) struct news n = { 0 };

	if (news_read(root, &n, NULL) < 0)
		return 0;
	for (size_t i = 0; i < n.n_withheld; i++) {
		const struct news_withheld *w = &n.withheld[i];
		struct cve_claim claim = { .kind = CVE_CLAIM_WITHHELD,
					   .level = w->level,
					   .until_s = w->until_s };

		plain_copy(claim.text, sizeof(claim.text), w->why);
		for (size_t k = 0; k < w->n_cves; k++)
			if (claims_add(ret, w->cves[k], &claim) < 0)
				return out_of_memory(err);
	}
	return 0;
}

int cves_claims(int root, struct cve_claims *ret, uint32_t *ret_unknown, struct oak_error *err)
{
	_cleanup_(host_clear) struct host h = { 0 };
	int r = host_read(root, &h, err);

	*ret_unknown = 0;
	if (r == 0)
		r = from_disk(root, &h, ret, ret_unknown, err);
	if (r == 0)
		r = from_news(root, ret, err);
	claims_sort(ret);
	return r;
}
