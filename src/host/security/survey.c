/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/survey.h"
#include "host/named.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/security/places.h"

void survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->n; i++)
		security_free(&s->v[i].s);
	free(s->v);
	*s = (struct survey){ .n = 0 };
}

bool security_has_caps_on_host(const struct security *s)
{
	return s->ns_host[NS_USER] != FACT_NO;
}

static unsigned badness_of_mounts(const struct security *s)
{
	unsigned worst = 0;

	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct security_mount *m = &s->mounts[i];
		unsigned bad = 0;

		if (m->socket)
			bad = 400;
		else if (m->whole && place_rank(m->place, true) > place_rank(PLACE_OTHER, true))
			bad = (m->read_only ? 40 : 200) + place_rank(m->place, true);
		if (bad > worst)
			worst = bad;
	}
	return worst;
}

static unsigned badness_of_namespaces(const struct security *s)
{
	static const unsigned char of[NS_KINDS] = {
		[NS_PID] = 60, [NS_NET] = 50, [NS_IPC] = 20, [NS_MNT] = 200, [NS_UTS] = 2
	};
	unsigned bad = 0;

	for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++)
		if (s->ns_host[k] == FACT_YES)
			bad += of[k];
	return bad;
}

unsigned security_badness(const struct security *s)
{
	static const unsigned of_privileged[] = {
		[PRIVILEGED_UNKNOWN] = 500, [PRIVILEGED_LIKE] = 900, [PRIVILEGED_YES] = 1000
	};
	unsigned bad =
		of_privileged[s->privileged] + badness_of_mounts(s) + badness_of_namespaces(s);

	if (security_has_caps_on_host(s))
		bad += 30u * (unsigned)__builtin_popcountll(s->caps.effective & caps_dangerous);
	if (s->real_root != FACT_NO)
		bad += 10;
	if (s->ns_host[NS_USER] != FACT_NO)
		bad += 5;
	if (s->seccomp != SECCOMP_FILTER && s->seccomp != SECCOMP_STRICT)
		bad += 30;
	if (s->no_new_privs != FACT_YES)
		bad += 1;
	return bad;
}

uint64_t surveyed_more_caps(const struct surveyed *v)
{
	return v->is_read ? v->c.caps_any & ~v->s.caps.effective : 0;
}

/* Its other processes may do more than its process 1. */
static unsigned badness_of_others(const struct surveyed *v)
{
	uint64_t more = surveyed_more_caps(v) & caps_dangerous;
	unsigned bad = 0;

	if (security_has_caps_on_host(&v->s))
		bad += 30u * (unsigned)__builtin_popcountll(more);
	if (v->c.n_real_root && v->s.real_root == FACT_NO)
		bad += 10;
	if (v->c.n_unfiltered && v->s.seccomp == SECCOMP_FILTER)
		bad += 30;
	return bad;
}

/* Those with a kernel of their own are no matter of this one. */
static int by_badness(const void *a, const void *b)
{
	const struct surveyed *x = a, *y = b;

	if (x->badness != y->badness)
		return (x->badness < y->badness) - (x->badness > y->badness);
	return strcmp(x->c.name[0] ? x->c.name : x->c.id, y->c.name[0] ? y->c.name : y->c.id);
}

static int read_each(int root, struct survey *s, struct oak_error *err)
{
	_cleanup_(security_reader_closep) struct security_reader *reader = NULL;
	int r = security_reader_open(root, &reader, err);

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct surveyed *v = &s->v[i];

		/* The monitor of a virtual machine is a process of the host, what it runs is not. */
		if (v->c.vm[0])
			continue;
		r = security_reader_read(reader, v->c.init, &v->s, err);
		v->is_read = r == 0;
		if (r == -OAK_E_NOTFOUND || r == -OAK_E_AGAIN)
			r = 0;
		if (v->is_read)
			v->badness = security_badness(&v->s) + badness_of_others(v);
	}
	return r;
}

int survey_read(int root, struct survey *ret, struct oak_error *err)
{
	_cleanup_(container_list_free) struct container_list l = { 0 };
	_cleanup_(survey_free) struct survey s = { 0 };
	int r = container_list_read(root, &l, err);

	if (r < 0)
		return r;
	s.v = calloc(l.n + 1, sizeof(*s.v));
	if (!s.v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; s.n < l.n; s.n++)
		s.v[s.n].c = l.containers[s.n];
	r = read_each(root, &s, err);
	if (r < 0)
		return r;
	if (s.n)
		qsort(s.v, s.n, sizeof(s.v[0]), by_badness);
	*ret = s;
	s = (struct survey){ .n = 0 };
	return 0;
}

static struct named named_at(const void *ctx, size_t i)
{
	const struct container *c = &((const struct survey *)ctx)->v[i].c;

	return (struct named){ c->engine, c->name, c->id };
}

int survey_find(const struct survey *s, const char *name, size_t *ret, struct oak_error *err)
{
	return named_find(s->n, named_at, s, name, ret, err);
}
