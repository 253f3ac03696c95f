/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/rates.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define WAYS   8 /* slots in which a name may lie */
#define WHOLE  1000u
#define SECOND 1000000000ull

struct slot {
	uint64_t name;    /* hash; 0: free */
	uint64_t at_ns;   /* when @left was right */
	uint64_t left;    /* thousandths of a token */
	uint64_t full_ns; /* from then on it is full, and may be forgotten */
};

struct set {
	pthread_mutex_t lock;
	struct slot slots[WAYS];
};

struct rates {
	unsigned char key[crypto_shorthash_KEYBYTES]; /* so that nobody can choose names of one set */
	size_t n;
	struct set sets[];
};

struct rates *rates_new(size_t slots)
{
	size_t n = slots / WAYS + 1;
	struct rates *r = calloc(1, sizeof(*r) + n * sizeof(r->sets[0]));

	if (!r)
		return NULL;
	r->n = n;
	randombytes_buf(r->key, sizeof(r->key));
	for (size_t i = 0; i < n; i++)
		(void)pthread_mutex_init(&r->sets[i].lock, NULL);
	return r;
}

void rates_free(struct rates *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		(void)pthread_mutex_destroy(&r->sets[i].lock);
	free(r);
}

static uint64_t hash(const struct rates *r, const struct rate_rule *rule, const char *name)
{
	unsigned char out[crypto_shorthash_BYTES];
	unsigned char text[256];
	size_t len = strnlen(name, sizeof(text) - sizeof(rule->kind));
	uint64_t ret;

	memcpy(text, &rule->kind, sizeof(rule->kind));
	memcpy(text + sizeof(rule->kind), name, len);
	(void)crypto_shorthash(out, text, sizeof(rule->kind) + len, r->key);
	memcpy(&ret, out, sizeof(ret));
	return ret | 1;
}

/* The slot of @name: its own, a free one, or that which has been full for longest. */
static struct slot *find(struct set *set, uint64_t name)
{
	struct slot *best = &set->slots[0];

	for (size_t i = 0; i < WAYS; i++) {
		struct slot *s = &set->slots[i];

		if (s->name == name)
			return s;
		if (s->full_ns < best->full_ns)
			best = s;
	}
	return best;
}

static void fill(struct slot *s, const struct rate_rule *rule, uint64_t now_ns)
{
	uint64_t most = (uint64_t)rule->burst * WHOLE;
	uint64_t past = now_ns > s->at_ns ? now_ns - s->at_ns : 0;
	/* Bounded before it is multiplied: an hour fills every bucket. */
	uint64_t more = (past < 3600 * SECOND ? past : 3600 * SECOND) / 1000 * rule->per_s / 1000;

	s->left = s->left + more < most ? s->left + more : most;
	if (now_ns > s->at_ns)
		s->at_ns = now_ns;
}

static unsigned ask(struct rates *r, const struct rate_rule *rule, const char *name,
		    uint64_t now_ns, bool take)
{
	uint64_t h = hash(r, rule, name);
	struct set *set = &r->sets[h % r->n];
	unsigned wait = 0;
	struct slot *s;

	(void)pthread_mutex_lock(&set->lock);
	s = find(set, h);
	if (s->name != h)
		*s = (struct slot){ h, now_ns, (uint64_t)rule->burst * WHOLE, now_ns };
	fill(s, rule, now_ns);
	if (s->left < WHOLE)
		wait = (unsigned)((WHOLE - s->left) / WHOLE / rule->per_s) + 1;
	else if (take)
		s->left -= WHOLE;
	s->full_ns =
		now_ns + ((uint64_t)rule->burst * WHOLE - s->left) * (SECOND / WHOLE) / rule->per_s;
	(void)pthread_mutex_unlock(&set->lock);
	return wait;
}

unsigned rates_take(struct rates *r, const struct rate_rule *rule, const char *name, uint64_t now_ns)
{
	return ask(r, rule, name, now_ns, true);
}

unsigned rates_look(struct rates *r, const struct rate_rule *rule, const char *name, uint64_t now_ns)
{
	return ask(r, rule, name, now_ns, false);
}
