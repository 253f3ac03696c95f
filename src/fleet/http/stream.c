/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdatomic.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "fleet/http/stream-priv.h"

#define PIECE_BYTES 4096

struct stream {
	atomic_uint refs;
	atomic_bool gone; /* its connection is: set without a lock, by libmicrohttpd's thread */
	pthread_mutex_t lock;
	struct MHD_Connection *connection; /* NULL: nobody reads it (tests) */
	struct buf text;
	size_t taken; /* bytes of it */
	bool suspended, ended;
	uint64_t sent_ns;
	struct stream *next; /* in the set */
};

struct stream *stream_new(void)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	(void)pthread_mutex_init(&s->lock, NULL);
	atomic_store(&s->refs, 1);
	s->sent_ns = clock_now_ns();
	return s;
}

struct stream *stream_hold(struct stream *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void stream_release(struct stream *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	buf_free(&s->text);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

/* With the lock. The reader suspended itself with the lock held, so none is woken that is still running. */
static void wake(struct stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->connection);
}

/* With the lock. */
static int add(struct stream *s, const char *text, size_t len)
{
	if (s->ended || atomic_load(&s->gone))
		return -OAK_E_NOTHING;
	if (s->text.len - s->taken + len > STREAM_BUFFER_MAX || buf_add(&s->text, text, len) < 0) {
		s->ended = true;
		s->text.len = s->taken = 0; /* half a story would be worse than none */
		return -OAK_E_TOOLARGE;
	}
	s->sent_ns = clock_now_ns();
	return 0;
}

int stream_send(struct stream *s, const char *text, size_t len)
{
	int r;

	(void)pthread_mutex_lock(&s->lock);
	r = add(s, text, len);
	wake(s);
	(void)pthread_mutex_unlock(&s->lock);
	return r;
}

void stream_end(struct stream *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->ended = true;
	wake(s);
	(void)pthread_mutex_unlock(&s->lock);
}

const char *stream_text(struct stream *s)
{
	const char *text;

	(void)pthread_mutex_lock(&s->lock);
	text = buf_str(&s->text) + s->taken;
	(void)pthread_mutex_unlock(&s->lock);
	return text;
}

/* With the lock. */
static size_t take(struct stream *s, char *to, size_t max)
{
	size_t n = s->text.len - s->taken;

	if (n > max)
		n = max;
	memcpy(to, s->text.data + s->taken, n);
	s->taken += n;
	if (s->taken < s->text.len)
		return n;
	s->text.len = s->taken = 0;
	return n;
}

static ssize_t read_piece(void *cls, _unused_ uint64_t pos, char *to, size_t max)
{
	struct stream *s = cls;
	ssize_t n = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (s->text.len > s->taken) {
		n = (ssize_t)take(s, to, max);
	} else if (s->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->suspended = true;
		MHD_suspend_connection(s->connection);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

/* No lock is taken: libmicrohttpd may hold one that stream_send() wants while it has ours. */
static void forget(void *cls)
{
	struct stream *s = cls;

	atomic_store(&s->gone, true);
	stream_release(s);
}

void stream_drop(struct stream *s)
{
	atomic_store(&s->gone, true);
}

struct MHD_Response *stream_response(struct stream *s)
{
	struct MHD_Response *m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES,
								   read_piece, s, forget);

	if (!m)
		forget(s);
	return m;
}

void streams_init(struct streams *ss, size_t max)
{
	*ss = (struct streams){ .max = max };
	(void)pthread_mutex_init(&ss->lock, NULL);
}

void streams_free(struct streams *ss)
{
	for (struct stream *s = ss->first, *next; s; s = next) {
		next = s->next;
		stream_release(s);
	}
	(void)pthread_mutex_destroy(&ss->lock);
}

struct stream *streams_open(struct streams *ss, struct MHD_Connection *c)
{
	struct stream *s = NULL;

	(void)pthread_mutex_lock(&ss->lock);
	if (!ss->ended && ss->n < ss->max)
		s = stream_new();
	if (s) {
		s->connection = c;
		s->next = ss->first;
		ss->first = stream_hold(s);
		ss->n++;
	}
	(void)pthread_mutex_unlock(&ss->lock);
	return s;
}

static void keep_awake(struct stream *s, uint64_t now_ns)
{
	(void)pthread_mutex_lock(&s->lock);
	if (now_ns - s->sent_ns > STREAM_COMMENT_S * 1000000000ull) {
		(void)!add(s, ":\n\n", 3);
		wake(s);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* With the set's lock. */
static void forget_gone(struct streams *ss)
{
	struct stream **at = &ss->first;

	while (*at) {
		struct stream *s = *at;

		if (!atomic_load(&s->gone)) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		ss->n--;
		stream_release(s);
	}
}

void streams_sweep(struct streams *ss, uint64_t now_ns)
{
	(void)pthread_mutex_lock(&ss->lock);
	for (struct stream *s = ss->first; s; s = s->next)
		keep_awake(s, now_ns);
	forget_gone(ss);
	(void)pthread_mutex_unlock(&ss->lock);
}

void streams_drop(struct streams *ss, struct stream *s)
{
	stream_drop(s);
	(void)pthread_mutex_lock(&ss->lock);
	forget_gone(ss);
	(void)pthread_mutex_unlock(&ss->lock);
}

void streams_end(struct streams *ss)
{
	(void)pthread_mutex_lock(&ss->lock);
	ss->ended = true;
	for (struct stream *s = ss->first; s; s = s->next)
		stream_end(s);
	(void)pthread_mutex_unlock(&ss->lock);
}
