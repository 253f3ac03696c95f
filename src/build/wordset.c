/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/wordset.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: the words are short. */
static uint32_t hash_of(const char *word, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	return h;
}

/* The slot of the word, or the free one where it would go. */
static uint32_t *find(const struct wordset *s, const char *word, size_t len)
{
	size_t mask = s->n_slots - 1, i = hash_of(word, len) & mask;

	for (;; i = (i + 1) & mask) {
		const char *have = s->slots[i] ? s->v[s->slots[i] - 1] : NULL;

		if (!have || (strncmp(have, word, len) == 0 && have[len] == '\0'))
			return &s->slots[i];
	}
}

size_t wordset_find(const struct wordset *s, const char *word, size_t len)
{
	uint32_t slot = s->n ? *find(s, word, len) : 0;

	return slot ? slot - 1 : SIZE_MAX;
}

bool wordset_has(const struct wordset *s, const char *word, size_t len)
{
	return wordset_find(s, word, len) != SIZE_MAX;
}

/* At most half of the slots are used, so a search ends soon. */
static int grow(struct wordset *s)
{
	size_t n = s->n_slots ? 2 * s->n_slots : 64;
	char **v = reallocarray(s->v, n / 2, sizeof(*v));
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (v)
		s->v = v;
	if (!v || !slots) {
		free(slots);
		return -1;
	}
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
	for (size_t i = 0; i < s->n; i++)
		*find(s, s->v[i], strlen(s->v[i])) = (uint32_t)i + 1;
	return 0;
}

int wordset_add(struct wordset *s, const char *word, size_t len, struct oak_error *err)
{
	char *copy;

	if (wordset_has(s, word, len))
		return 0;
	if (s->n == s->n_slots / 2 && grow(s) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	copy = strndup(word, len);
	if (!copy)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->v[s->n++] = copy;
	*find(s, word, len) = (uint32_t)s->n;
	return 0;
}

void wordset_free(struct wordset *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	free(s->slots);
	*s = (struct wordset){ 0 };
}
