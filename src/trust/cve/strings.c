/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 1024u

/* FNV-1a */
static uint64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3u;
	return h ^ (h >> 32);
}

static const char *at(const struct strings *s, uint32_t off)
{
	return (const char *)s->bytes.data + off;
}

/* The slot of the text, or the free one where it belongs. */
static uint32_t *find(const struct strings *s, const char *text)
{
	size_t i = hash(text) & (s->n_slots - 1);

	while (s->slots[i] && strcmp(at(s, s->slots[i]), text) != 0)
		i = (i + 1) & (s->n_slots - 1);
	return &s->slots[i];
}

static int grow(struct strings *s)
{
	struct strings more = { .bytes = s->bytes };

	more.n_slots = s->n_slots ? 2 * s->n_slots : SLOTS_MIN;
	more.slots = calloc(more.n_slots, sizeof(*more.slots));
	if (!more.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slots[i])
			*find(&more, at(s, s->slots[i])) = s->slots[i];
	free(s->slots);
	s->slots = more.slots;
	s->n_slots = more.n_slots;
	return 0;
}

int strings_add(struct strings *s, const char *text, uint32_t *ret)
{
	uint32_t *slot;
	size_t off;

	if (s->bytes.len == 0 && buf_add_zero(&s->bytes, 1) < 0)
		return -ENOMEM;
	*ret = 0;
	if (!*text)
		return 0;
	if (2 * (s->n + 1) > s->n_slots && grow(s) < 0)
		return -ENOMEM;
	slot = find(s, text);
	if (!*slot) {
		off = s->bytes.len;
		if (off > UINT32_MAX || buf_add(&s->bytes, text, strlen(text) + 1) < 0)
			return -ENOMEM;
		*slot = (uint32_t)off;
		s->n++;
	}
	*ret = *slot;
	return 0;
}

void strings_free(struct strings *s)
{
	buf_free(&s->bytes);
	free(s->slots);
	*s = (struct strings){ 0 };
}
