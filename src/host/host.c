/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"

#include <string.h>

static const char *const state_names[] = {
	[LEVEL_NONE] = "none",
	[LEVEL_APPLYING] = "applying",
	[LEVEL_APPLIED] = "applied",
	[LEVEL_REVERTING] = "reverting",
};

const char *level_state_name(enum level_state s)
{
	return state_names[s];
}

int host_read(int root, struct host *ret, struct oak_error *err)
{
	struct host h = { .root = root };
	int r = identity_read(root, &h.id, err);

	if (r == 0)
		r = livepatch_read(root, &h.patches, err);
	if (r == 0)
		*ret = h;
	return r;
}

void host_clear(struct host *h)
{
	livepatch_list_free(&h->patches);
}

/* Of two of ours one is on its way in: to a lower level, too, where somebody goes back to it. */
static bool is_newer(const struct livepatch *a, const struct livepatch *b)
{
	bool a_comes = a->enabled && a->transition, b_comes = b->enabled && b->transition;

	return a_comes != b_comes ? a_comes : a->level > b->level;
}

const struct livepatch *host_level(const struct host *h)
{
	const struct livepatch *best = NULL;

	for (size_t i = 0; i < h->patches.n; i++) {
		const struct livepatch *p = &h->patches.patches[i];

		if (p->level && (!best || is_newer(p, best)))
			best = p;
	}
	return best;
}

enum level_state host_level_state(const struct livepatch *p)
{
	if (!p)
		return LEVEL_NONE;
	if (!p->enabled)
		return LEVEL_REVERTING;
	return p->transition ? LEVEL_APPLYING : LEVEL_APPLIED;
}

static bool is_redirected(const struct livepatch *p, const struct manifest_function *want)
{
	for (size_t i = 0; i < p->n_functions; i++) {
		const struct livepatch_function *f = &p->functions[i];

		if (strcmp(f->name, want->name) == 0 && strcmp(f->object, want->object) == 0 &&
		    (f->sympos ? f->sympos : 1) == (want->sympos ? want->sympos : 1))
			return true;
	}
	return false;
}

size_t host_functions_redirected(const struct livepatch *p, const struct manifest *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_fixes; i++)
		for (size_t k = 0; k < m->fixes[i].n_functions; k++)
			n += is_redirected(p, &m->fixes[i].functions[k]);
	return n;
}

size_t host_functions_wanted(const struct manifest *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_fixes; i++)
		n += m->fixes[i].n_functions;
	return n;
}

bool host_fix_redirected(const struct livepatch *p, const struct manifest_fix *f)
{
	for (size_t i = 0; i < f->n_functions; i++)
		if (!is_redirected(p, &f->functions[i]))
			return false;
	return true;
}
