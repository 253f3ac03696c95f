/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/file-cache.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

#define FRESH_NS 1000000000ull

struct slot {
	pthread_mutex_t lock;
	uint64_t read_ns; /* 0: empty */
	char path[128];
	struct file_facts facts;
	uint8_t data[FILE_CACHE_BYTES_MAX];
};

struct file_cache {
	struct slot slots[FILE_CACHE_SLOTS];
};

struct file_cache *file_cache_new(void)
{
	struct file_cache *c = calloc(1, sizeof(*c));

	for (size_t i = 0; c && i < FILE_CACHE_SLOTS; i++)
		(void)pthread_mutex_init(&c->slots[i].lock, NULL);
	return c;
}

void file_cache_free(struct file_cache *c)
{
	for (size_t i = 0; c && i < FILE_CACHE_SLOTS; i++)
		(void)pthread_mutex_destroy(&c->slots[i].lock);
	free(c);
}

/* Whoever makes two names meet gains a read of a file. */
static struct slot *slot_of(struct file_cache *c, const char *path)
{
	uint32_t h = 2166136261u;

	for (const char *s = path; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return &c->slots[h % FILE_CACHE_SLOTS];
}

bool file_cache_get(struct file_cache *c, const char *path, struct file_facts *ret,
		    struct buf *ret_body)
{
	struct slot *s = c ? slot_of(c, path) : NULL;
	bool found;

	if (!s)
		return false;
	(void)pthread_mutex_lock(&s->lock);
	found = s->read_ns && clock_now_ns() - s->read_ns < FRESH_NS &&
		strcmp(s->path, path) == 0 && buf_add(ret_body, s->data, s->facts.size) == 0;
	if (found)
		*ret = s->facts;
	(void)pthread_mutex_unlock(&s->lock);
	return found;
}

void file_cache_put(struct file_cache *c, const char *path, const struct file_facts *facts,
		    const void *data)
{
	struct slot *s = c ? slot_of(c, path) : NULL;

	if (!s || facts->size > FILE_CACHE_BYTES_MAX || strlen(path) >= sizeof(s->path))
		return;
	(void)pthread_mutex_lock(&s->lock);
	memcpy(s->path, path, strlen(path) + 1);
	memcpy(s->data, data, facts->size);
	s->facts = *facts;
	s->read_ns = clock_now_ns();
	(void)pthread_mutex_unlock(&s->lock);
}
