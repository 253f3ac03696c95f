/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream: an answer that does not end: server-sent events (text/event-stream). This is the transport; what is
 * sent, and to whom, is for who holds streams: fleet/api/event-hub.h.
 *
 * A route of ROUTE_STREAM is called once, by a worker, with its stream. It may send what was missed already
 * (Last-Event-ID is a header of the request), and keeps the stream with stream_hold() to send to it later,
 * from any thread. Where nothing is sent for 15 seconds, a comment is. A reader who leaves more than
 * STREAM_BUFFER_MAX bytes untaken is let go; he comes back with his Last-Event-ID.
 *
 * Source: HTML Living Standard, server-sent events.
 */
#ifndef OAK_FLEET_HTTP_STREAM_H
#define OAK_FLEET_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define STREAM_BUFFER_MAX (256u << 10)
#define STREAM_COMMENT_S  15

struct stream;

/* One that nobody reads, for tests: see stream_text(). NULL: out of memory. */
struct stream *stream_new(void);

/* Counted references; any thread. */
struct stream *stream_hold(struct stream *s);
void stream_release(struct stream *s); /* NULL is fine */
DEFINE_CLEANUP(struct stream *, stream_release)

/**
 * stream_send() - whole events: "id: 7\nevent: host.failed\ndata: {...}\n\n"
 *
 * Never blocks. Return: 0; -OAK_E_NOTHING: nobody reads any more, release it; -OAK_E_TOOLARGE: the reader was
 * too slow and is let go, likewise.
 */
int stream_send(struct stream *s, const char *text, size_t len) _must_check_;

/* What was sent is still delivered, then the answer ends. */
void stream_end(struct stream *s);

/* What was sent and not yet taken; for tests of who sends. Borrowed until the next call. */
const char *stream_text(struct stream *s);

#endif
