/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/director/shelf.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "fleet/director/memo.h"

/* Readers hold a reference; the shelf holds one as long as the file is there. */
struct file {
	struct shelf_file f; /* first: shelf_release() finds the rest */
	atomic_uint refs;
	char *text;
};

struct place {
	char *ring;
	struct file *file;
};

struct decision_shelf {
	pthread_rwlock_t lock; /* of places */
	struct place *places;  /* sorted by ring */
	size_t n;
	pthread_mutex_t bell;
	pthread_cond_t rings;
	bool rung;
	struct director_memo memo;
};

struct decision_shelf *shelf_new(void)
{
	struct decision_shelf *s = calloc(1, sizeof(*s));
	pthread_condattr_t monotonic;

	if (!s)
		return NULL;
	(void)pthread_rwlock_init(&s->lock, NULL);
	(void)pthread_mutex_init(&s->bell, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->rings, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	return s;
}

static void drop(struct file *file)
{
	if (file && atomic_fetch_sub(&file->refs, 1) == 1) {
		free(file->text);
		free(file);
	}
}

void shelf_free(struct decision_shelf *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->places[i].ring);
		drop(s->places[i].file);
	}
	free(s->places);
	(void)pthread_rwlock_destroy(&s->lock);
	(void)pthread_mutex_destroy(&s->bell);
	(void)pthread_cond_destroy(&s->rings);
	free(s);
}

/* Where @ring is, or would be. */
static size_t find(const struct decision_shelf *s, const char *ring, bool *ret_there)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->places[middle].ring, ring) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = low < s->n && strcmp(s->places[low].ring, ring) == 0;
	return low;
}

static struct file *file_new(uint64_t version, char *text)
{
	struct file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	atomic_init(&file->refs, 1);
	file->text = text;
	file->f.version = version;
	file->f.text = text;
	file->f.len = strlen(text);
	(void)snprintf(file->f.etag, sizeof(file->f.etag), "\"%" PRIu64 "\"", version);
	return file;
}

/* Makes a place for @ring at @i; false: out of memory. */
static bool make_place(struct decision_shelf *s, size_t i, const char *ring)
{
	_cleanup_(freep) char *name = strdup(ring);
	struct place *more = name ? realloc(s->places, (s->n + 1) * sizeof(*more)) : NULL;

	if (!more)
		return false;
	memmove(more + i + 1, more + i, (s->n - i) * sizeof(*more));
	more[i] = (struct place){ .ring = take_ptr(name) };
	s->places = more;
	s->n++;
	return true;
}

/* Without memory the old file stays, and the next turn of the director tries again. */
void shelf_put(struct decision_shelf *s, const char *ring, uint64_t version, char *text)
{
	struct file *file = file_new(version, text), *old = file;
	bool there;
	size_t i;

	if (!file) {
		free(text);
		return;
	}
	(void)pthread_rwlock_wrlock(&s->lock);
	i = find(s, ring, &there);
	if (there || make_place(s, i, ring)) {
		old = s->places[i].file;
		s->places[i].file = file;
	}
	(void)pthread_rwlock_unlock(&s->lock);
	drop(old);
}

const struct shelf_file *shelf_borrow(struct decision_shelf *s, const char *ring)
{
	struct file *file = NULL;
	bool there;
	size_t i;

	(void)pthread_rwlock_rdlock(&s->lock);
	i = find(s, ring, &there);
	if (there) {
		file = s->places[i].file;
		(void)atomic_fetch_add(&file->refs, 1);
	}
	(void)pthread_rwlock_unlock(&s->lock);
	return file ? &file->f : NULL;
}

void shelf_release(const struct shelf_file *f)
{
	/* Const for those who read it; the count beside it is ours. */
	drop((struct file *)(uintptr_t)f);
}

uint64_t shelf_version(struct decision_shelf *s, const char *ring)
{
	const struct shelf_file *f = shelf_borrow(s, ring);
	uint64_t version = f ? f->version : 0;

	shelf_release(f);
	return version;
}

struct director_memo *shelf_memo(struct decision_shelf *s)
{
	return &s->memo;
}

void shelf_wake(struct decision_shelf *s)
{
	(void)pthread_mutex_lock(&s->bell);
	s->rung = true;
	(void)pthread_cond_signal(&s->rings);
	(void)pthread_mutex_unlock(&s->bell);
}

void shelf_wait(struct decision_shelf *s, unsigned ms)
{
	struct timespec until;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_mutex_lock(&s->bell);
	while (!s->rung && r == 0)
		r = pthread_cond_timedwait(&s->rings, &s->bell, &until);
	s->rung = false;
	(void)pthread_mutex_unlock(&s->bell);
}
