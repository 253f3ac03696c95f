/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/pair-priv.h"

#include <stdlib.h>
#include <string.h>

#include "build/names.h"

struct use {
	size_t of; /* index of the candidate */
	struct name_head who;
};

static int cmp_head(const struct name_head *a, const struct name_head *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->s, b->s, len);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int cmp_use(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	return a->of != b->of ? (a->of > b->of) - (a->of < b->of) : cmp_head(&a->who, &b->who);
}

/* What has no name is known by its section's, which holds its function's (-ffunction-sections). */
static struct name_head user_name(const struct model *m, const struct ref *ref)
{
	atom_id id = m->atoms[ref->from].owner ? m->atoms[ref->from].owner : ref->from;
	const char *name = atom_name(m, id);

	if (!name[0])
		name = atom_section(m, id);
	else if (sec_is_code(&m->obj->secs[m->atoms[id].sec]))
		return (struct name_head){ name, name_base_len(name) };
	return (struct name_head){ name, name_plain_len(name) };
}

static size_t count_uses(const struct side *s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->m->n_refs; i++) {
		const struct candidate *c = side_find(s, s->m->refs[i].to);

		n += c && c->numbered;
	}
	return n;
}

static void list_uses(const struct side *s, struct use *v)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->m->n_refs; i++) {
		const struct ref *ref = &s->m->refs[i];
		const struct candidate *c = side_find(s, ref->to);

		if (c && c->numbered)
			v[n++] = (struct use){ (size_t)(c - s->v), user_name(s->m, ref) };
	}
}

int pair_collect_users(struct side *s, struct oak_error *err)
{
	size_t n = count_uses(s);
	_cleanup_(freep) struct use *v = calloc(n + 1, sizeof(*v));

	s->users = calloc(n + 1, sizeof(*s->users));
	if (!v || !s->users)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	list_uses(s, v);
	qsort(v, n, sizeof(*v), cmp_use);
	for (size_t i = 0; i < n; i++) {
		struct candidate *c = &s->v[v[i].of];

		if (i && cmp_use(&v[i - 1], &v[i]) == 0)
			continue;
		if (c->n_users++ == 0)
			c->first_user = s->n_users;
		s->users[s->n_users++] = v[i].who;
	}
	return 0;
}

int pair_cmp_users(const struct side *sa, const struct candidate *a, const struct side *sb,
		   const struct candidate *b)
{
	for (size_t i = 0; i < a->n_users && i < b->n_users; i++) {
		int c = cmp_head(&sa->users[a->first_user + i], &sb->users[b->first_user + i]);

		if (c)
			return c;
	}
	return (a->n_users > b->n_users) - (a->n_users < b->n_users);
}

bool pair_share_user(const struct side *sa, const struct candidate *a, const struct side *sb,
		     const struct candidate *b)
{
	size_t i = 0, k = 0;

	while (i < a->n_users && k < b->n_users) {
		int c = cmp_head(&sa->users[a->first_user + i], &sb->users[b->first_user + k]);

		if (c == 0)
			return true;
		i += c < 0;
		k += c > 0;
	}
	return false;
}
