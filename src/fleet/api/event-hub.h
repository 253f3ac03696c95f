/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event-hub: who listens to this server, and what each was told last. Every server reads the list of events
 * once a second and tells its own listeners.
 *
 * An event is "id: <sequence>\nevent: <type>\ndata: <the event, one line of JSON>\n\n". Whoever comes back with
 * Last-Event-ID is told what was missed first. A stream ends after an hour at most: then the token is
 * looked at anew. Listeners are at most EVENT_LISTENERS_MAX.
 */
#ifndef OAK_FLEET_API_EVENT_HUB_H
#define OAK_FLEET_API_EVENT_HUB_H

#include <stdint.h>

#include "fleet/db/db.h"

#define EVENT_LISTENERS_MAX 1000
#define EVENT_STREAM_S      3600

struct event_hub;
struct stream;

struct event_hub *event_hub_new(void);    /* NULL: out of memory */
void event_hub_free(struct event_hub *h); /* NULL is fine */

/* What a listener wants. */
struct event_wish {
	int64_t after;    /* the last one that he has; -1: from now on */
	const char *type; /* "rollout.halted", "rollout.*"; NULL: all */
	int64_t now_s;
};

/* Sends what was missed, and keeps the stream. Errors: OAK_E_AGAIN: there are too many; those of db. */
int event_hub_join(struct event_hub *h, struct db *db, struct stream *s,
		   const struct event_wish *wish, struct oak_error *err) _must_check_;

/* Sends what is new to all. */
int event_hub_turn(struct event_hub *h, struct db *db, int64_t now_s, struct oak_error *err)
	_must_check_;

#endif
