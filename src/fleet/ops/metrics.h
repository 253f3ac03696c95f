/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics: counters of one server process, and the text of /metrics. Counting takes no lock. Figures of the
 * whole fleet (hosts, rollouts) are read from the database when /metrics is asked for; those of a process
 * must be summed over servers.
 *
 * No label has a host's name: a million hosts would be a million series.
 *
 * Source: Prometheus text format 0.0.4, OpenMetrics 1.0.0. To add a metric: a row in metrics.c.
 */
#ifndef OAK_FLEET_OPS_METRICS_H
#define OAK_FLEET_OPS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

struct metrics; /* opaque */

struct metrics *metrics_new(void); /* NULL: out of memory */
void metrics_free(struct metrics *m);
DEFINE_CLEANUP(struct metrics *, metrics_free)

/* All of these take NULL, for tests that count nothing. */

enum checkin {
	CHECKIN_TAKEN,
	CHECKIN_REPEATED, /* acknowledged before */
	CHECKIN_SEQUENCE,
	CHECKIN_SIGNATURE,
	CHECKIN_UNKNOWN,
	CHECKIN_REVOKED,
	CHECKIN_MALFORMED,
	CHECKIN_FAILED, /* ours: the database */
	CHECKINS
};
void metrics_checkin(struct metrics *m, enum checkin result);
/* From the moment the request was complete to its answer. */
void metrics_checkin_time(struct metrics *m, uint64_t ns);

enum enrolling {
	ENROLLING_NEW,
	ENROLLING_AGAIN,
	ENROLLING_REFUSED,
	ENROLLING_FAILED,
	ENROLLINGS
};
void metrics_enrolment(struct metrics *m, enum enrolling result);

void metrics_request(struct metrics *m, unsigned status); /* any request that was answered */

enum queue {
	QUEUE_WORK,
	QUEUE_BATCH,
	QUEUES
};
void metrics_queue(struct metrics *m, enum queue q, size_t length); /* waiting now */
void metrics_connections(struct metrics *m, size_t n);              /* open now */

/* The director: a turn has ended well, at @now_s; the oldest decision on the shelf is of @issued_s (0: none). */
void metrics_turn(struct metrics *m, int64_t now_s, int64_t issued_s);
int64_t metrics_last_turn_s(const struct metrics *m); /* 0: none yet */

/* When the certificate that is served ends; 0: there is none, or a proxy has it. */
void metrics_certificate(struct metrics *m, int64_t expires_s);

/* What is read from the database for a scrape; members NULL: left out. Borrowed. */
struct metrics_fleet {
	const json_t *hosts;    /* of hosts_counts() */
	const json_t *rollouts; /* array as rollouts_list() has it: those that run or pause */
	const json_t *phases;   /* {"halted": 1, ...}: how many there are */
	int64_t silent;         /* -1: not known */
	int64_t now_s;
};

/* The whole text. Pure. @openmetrics: ends with "# EOF". */
int metrics_text(const struct metrics *m, const struct metrics_fleet *f, bool openmetrics,
		 struct buf *ret, struct oak_error *err) _must_check_;

#endif
