/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listener's side of streams: all that are open, so that they are bounded, kept awake, and ended. */
#ifndef OAK_FLEET_HTTP_STREAM_PRIV_H
#define OAK_FLEET_HTTP_STREAM_PRIV_H

#include <microhttpd.h>
#include <pthread.h>

#include "fleet/http/stream.h"

struct streams {
	pthread_mutex_t lock;
	struct stream *first; /* each held */
	size_t n, max;
	bool ended;
};

void streams_init(struct streams *ss, size_t max);
void streams_free(struct streams *ss);

/* One for @c; held by the set too. NULL: there are enough, or out of memory. */
struct stream *streams_open(struct streams *ss, struct MHD_Connection *c);

/* Forgets those that are over; sends comments to the quiet ones. */
void streams_sweep(struct streams *ss, uint64_t now_ns);

/* Ends all; no new ones. */
void streams_end(struct streams *ss);

/* It will have no reader after all; the second forgets it with the next sweep. */
void streams_drop(struct streams *ss, struct stream *s);
void stream_drop(struct stream *s);

/* The answer's body; takes the caller's reference. NULL: out of memory. */
struct MHD_Response *stream_response(struct stream *s);

#endif
