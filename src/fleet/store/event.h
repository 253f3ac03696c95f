/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: what has changed, for those who listen (server-sent events, webhooks): an ordered list in the
 * database, so that every server tells the changes of every other. Kept for a day.
 */
#ifndef OAK_FLEET_STORE_EVENT_H
#define OAK_FLEET_STORE_EVENT_H

#include <jansson.h>

#include "fleet/db/db.h"

struct event {
	const char *type; /* "rollout.halted", "host.enrolled", "host.failed", "decision.published" */
	const char *subject; /* id */
	json_t *data;        /* borrowed; NULL: {} */
	int64_t at_s;
};

/*
 * Within the transaction of the change itself, best as its last statements. Events are numbered by a row that
 * the transaction holds until its end (with SQLite it has the write lock anyway), so a lower number is never
 * seen after a higher one.
 */
int event_add(struct db *db, const struct event *e, struct oak_error *err) _must_check_;

/*
 * Events after @after, at most @max: JSON objects {"sequence","at","type","subject","data"}. An event is
 * seen only once all earlier ones are, whichever transaction commits first.
 */
int event_list(struct db *db, int64_t after, unsigned max, json_t **ret, struct oak_error *err)
	_must_check_;

/* The number of the newest event; 0: there was none. Numbers are never used twice. */
int event_last(struct db *db, int64_t *ret, struct oak_error *err) _must_check_;

/* Removes those from before @before_s. Return: how many. */
int64_t event_prune(struct db *db, int64_t before_s, struct oak_error *err) _must_check_;

#endif
