/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for a target among delegated roles: 5.6.7 of the TUF specification. */
#include <string.h>

#include "trust/client-state.h"

#define VISITED_MAX 32 /* delegated roles in one search; as many as python-tuf */

/* One role on the way from targets.json to where the search is. */
struct frame {
	const struct delegations *delegations;
	struct delegation_iter it;
	bool ends; /* a terminating delegation matched: nothing after its subtree counts */
};

struct search {
	struct tuf_client *c;
	const char *path;
	const struct tuf_lookup *how;
	char visited[VISITED_MAX][ROLE_NAME_MAX];
	size_t n_visited;
	struct frame frames[VISITED_MAX + 1];
	size_t depth;
};

static bool was_visited(const struct search *s, const char *name)
{
	for (size_t i = 0; i < s->n_visited; i++)
		if (strcmp(s->visited[i], name) == 0)
			return true;
	return false;
}

/* Return: 1 where @m has the target, 0 where not: then its delegations are next. */
static int look_into(struct search *s, const struct metadata *m, struct tuf_target *ret)
{
	if (target_find(metadata_targets(m), s->path, ret)) {
		ret->from = metadata_name(m);
		return 1;
	}
	if (metadata_delegations(m))
		s->frames[s->depth++] = (struct frame){ .delegations = metadata_delegations(m) };
	return 0;
}

static int visit(struct search *s, const struct delegation *d, struct tuf_target *ret,
		 struct oak_error *err)
{
	const struct metadata *m;
	int r;

	if (s->n_visited == VISITED_MAX)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: no such target in the first %d delegated roles", s->path,
				VISITED_MAX);
	memcpy(s->visited[s->n_visited++], d->name, sizeof(d->name));
	r = tuf_client_delegated(s->c, d->name, d->signers, s->how, &m, err);
	return r < 0 ? r : look_into(s, m, ret);
}

/* Pre-order, depth first. */
static int walk(struct search *s, struct tuf_target *ret, struct oak_error *err)
{
	int r = look_into(s, s->c->trusted[TUF_TARGETS], ret);

	while (r == 0 && s->depth > 0) {
		struct frame *top = &s->frames[s->depth - 1];
		struct delegation d;

		if (top->ends)
			break;
		if (!delegations_next(top->delegations, s->path, &top->it, &d)) {
			s->depth--;
			continue;
		}
		top->ends = d.terminating;
		if (!was_visited(s, d.name))
			r = visit(s, &d, ret, err);
	}
	return r;
}

static int check_all_fresh(const struct tuf_client *c, int64_t now_s, struct oak_error *err)
{
	int r = 0;

	for (enum tuf_role role = TUF_ROOT; r == 0 && role < TUF_ROLES; role++)
		r = metadata_check_fresh(c->trusted[role], now_s, err);
	return r;
}

int tuf_client_find(struct tuf_client *c, const char *path, const struct tuf_lookup *how,
		    struct tuf_target *ret, struct oak_error *err)
{
	struct search s = { .c = c, .path = path, .how = how };
	int r = 0;

	if (!c->trusted[TUF_TARGETS])
		return oak_fail(err, OAK_E_AGAIN,
				"nothing of the repository is loaded; refresh first");
	if (how->now_s >= 0)
		r = check_all_fresh(c, how->now_s, err);
	if (r == 0)
		r = walk(&s, ret, err);
	if (r == 0)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such target", path);
	return r < 0 ? r : 0;
}
