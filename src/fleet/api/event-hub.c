/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/event-hub.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "fleet/http/stream.h"
#include "fleet/store/event.h"

#define AT_ONCE  500
#define TYPE_MAX 65

struct listener_seat {
	struct stream *stream;
	int64_t after, until_s;
	char type[TYPE_MAX];
};

/* The lock holds all of it. */
struct event_hub {
	pthread_mutex_t lock;
	struct listener_seat seats[EVENT_LISTENERS_MAX];
	size_t n;
	int64_t after; /* the last that all were told; -1: there was no turn yet */
};

struct event_hub *event_hub_new(void)
{
	struct event_hub *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (pthread_mutex_init(&h->lock, NULL) != 0) {
		free(h);
		return NULL;
	}
	h->after = -1;
	return h;
}

static void leave(struct event_hub *h, size_t i)
{
	stream_release(h->seats[i].stream);
	h->seats[i] = h->seats[--h->n];
}

void event_hub_free(struct event_hub *h)
{
	if (!h)
		return;
	while (h->n > 0) {
		stream_end(h->seats[h->n - 1].stream);
		leave(h, h->n - 1);
	}
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

static bool wants(const char *want, const char *type)
{
	size_t len = strlen(want);

	if (len && want[len - 1] == '*')
		return strncmp(want, type, len - 1) == 0;
	return !len || strcmp(want, type) == 0;
}

static int64_t sequence_of(const json_t *event)
{
	return json_integer_value(json_object_get(event, "sequence"));
}

/* JSON has no newline but within its escapes. Types are ours: no character that would end the line. */
static int format(const json_t *event, struct buf *b)
{
	_cleanup_(freep) char *data = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);

	if (!data)
		return -1;
	return buf_printf(b, "id: %" PRIi64 "\nevent: %s\ndata: %s\n\n", sequence_of(event),
			  json_get_str(event, "type"), data);
}

/* Return: 0; -1: the reader is gone. */
static int tell(struct listener_seat *seat, const json_t *event, const struct buf *text)
{
	if (sequence_of(event) <= seat->after)
		return 0;
	seat->after = sequence_of(event);
	if (!wants(seat->type, json_get_str(event, "type")))
		return 0;
	return stream_send(seat->stream, buf_str(text), text->len) < 0 ? -1 : 0;
}

static int tell_all(struct event_hub *h, const json_t *event, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (format(event, &text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = h->n; i > 0; i--)
		if (tell(&h->seats[i - 1], event, &text) < 0)
			leave(h, i - 1);
	return 0;
}

static void end_old(struct event_hub *h, int64_t now_s)
{
	for (size_t i = h->n; i > 0; i--) {
		if (h->seats[i - 1].until_s > now_s)
			continue;
		stream_end(h->seats[i - 1].stream);
		leave(h, i - 1);
	}
}

static int turn(struct event_hub *h, struct db *db, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *events = NULL;
	int r;

	end_old(h, now_s);
	if (!h->n ||
	    h->after < 0) /* nobody listens: the place in the list is all there is to keep */
		return event_last(db, &h->after, err);
	r = event_list(db, h->after, AT_ONCE, &events, err);
	for (size_t i = 0; r == 0 && i < json_array_size(events); i++) {
		r = tell_all(h, json_array_get(events, i), err);
		h->after = sequence_of(json_array_get(events, i));
	}
	return r;
}

int event_hub_turn(struct event_hub *h, struct db *db, int64_t now_s, struct oak_error *err)
{
	int r;

	(void)pthread_mutex_lock(&h->lock);
	r = turn(h, db, now_s, err);
	(void)pthread_mutex_unlock(&h->lock);
	return r;
}

/* 1: there may be more. */
static int catch_up(struct listener_seat *seat, struct db *db, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *events = NULL;
	int r = event_list(db, seat->after, AT_ONCE, &events, err);

	for (size_t i = 0; r == 0 && i < json_array_size(events); i++) {
		_cleanup_(buf_free) struct buf text = { 0 };

		if (format(json_array_get(events, i), &text) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		/* Who does not read so fast comes back for the rest. */
		if (tell(seat, json_array_get(events, i), &text) < 0)
			return -OAK_E_NOTHING;
	}
	return r < 0 ? r : json_array_size(events) == AT_ONCE;
}

/* Under the lock, so that no event falls between what was missed and what is new. */
static int join(struct event_hub *h, struct db *db, struct listener_seat *seat,
		struct oak_error *err)
{
	int r = 0;

	if (h->n == EVENT_LISTENERS_MAX)
		return oak_fail(err, OAK_E_AGAIN, "there are %d listeners already",
				EVENT_LISTENERS_MAX);
	if (seat->after < 0)
		r = event_last(db, &seat->after, err);
	else
		r = catch_up(seat, db, err);
	if (r < 0)
		return r;
	h->seats[h->n] = *seat;
	h->seats[h->n++].stream = stream_hold(seat->stream);
	/* What came since the last turn he has; the others get it with the next. */
	return 0;
}

int event_hub_join(struct event_hub *h, struct db *db, struct stream *s,
		   const struct event_wish *wish, struct oak_error *err)
{
	struct listener_seat seat = { .stream = s,
				      .after = wish->after,
				      .until_s = wish->now_s + EVENT_STREAM_S };
	int r = 0;

	(void)snprintf(seat.type, sizeof(seat.type), "%s", wish->type ? wish->type : "");
	/* Most of it without the lock: others must not wait for one who was away for long. */
	while (seat.after >= 0 && (r = catch_up(&seat, db, err)) == 1)
		continue;
	if (r < 0)
		return r == -OAK_E_NOTHING ? 0 : r;
	(void)pthread_mutex_lock(&h->lock);
	r = join(h, db, &seat, err);
	(void)pthread_mutex_unlock(&h->lock);
	return r == -OAK_E_NOTHING ? 0 : r;
}
