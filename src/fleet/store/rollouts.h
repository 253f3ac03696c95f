/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollouts: those of the fleet as people and reports change them. The rules are fleet/rollout/; this
 * keeps their state in the database, and feeds them.
 *
 * JSON of a specification and of a rollout: docs/formats/rollout.md.
 */
#ifndef OAK_FLEET_STORE_ROLLOUTS_H
#define OAK_FLEET_STORE_ROLLOUTS_H

#include <jansson.h>

#include "fleet/db/db.h"
#include "fleet/rollout/engine.h"
#include "trust/fleet/report.h"

/* A draft from what a person sent. @who: "token:<name>". Errors: OAK_E_FORMAT, which names the member. */
int rollouts_create(struct db *db, const json_t *spec, const char *who, int64_t now_s, json_t **ret,
		    struct oak_error *err) _must_check_;
/*
 * The same for a person, whose id is @person ("": nobody's): whichever token or session it is, the same person never
 * approves it.
 */
struct rollout_by {
	const char *who, *person;
};
int rollouts_create_by(struct db *db, const json_t *spec, const struct rollout_by *by,
		       int64_t now_s, json_t **ret, struct oak_error *err) _must_check_;
int rollouts_get(struct db *db, const char *id, json_t **ret, struct oak_error *err) _must_check_;

/* @phase: NULL: any. Newest first. */
struct rollouts_page {
	const char *phase, *after;
	unsigned limit;
};
int rollouts_list(struct db *db, const struct rollouts_page *page, json_t **ret, char **ret_next,
		  struct oak_error *err) _must_check_;

/* Its hosts: {"host","name","stage","outcome","granted","applied","why"}; @outcome: NULL: any. */
struct rollouts_hosts_page {
	const char *outcome, *after;
	int stage; /* the first is 0; -1: any */
	unsigned limit;
};
int rollouts_hosts(struct db *db, const char *id, const struct rollouts_hosts_page *page,
		   int64_t now_s, json_t **ret, char **ret_next, struct oak_error *err)
	_must_check_;

/* In the caller's transaction. Approving: @who must not be who created it. Errors: OAK_E_REFUSED, OAK_E_NOTFOUND. */
int rollouts_command(struct db *db, const char *id, enum rollout_command c, const char *who,
		     int64_t now_s, json_t **ret, struct oak_error *err) _must_check_;
int rollouts_command_by(struct db *db, const char *id, enum rollout_command c,
			const struct rollout_by *by, int64_t now_s, json_t **ret,
			struct oak_error *err) _must_check_;

/* The switch for all: no host applies anything. @why: NULL: lifted. In the caller's transaction. */
int rollouts_stop_all(struct db *db, const char *why, const char *who, int64_t now_s,
		      struct oak_error *err) _must_check_;

/* {"stopped": true, "why", "who", "since"}, or {"stopped": false}. */
int rollouts_stop_state(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

/* The levels that the repository was seen to have: fleet/store/level-list.h. */
int rollouts_levels(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

/*
 * What a report says and asks of rollouts, in the transaction that takes the report. Grants and refusals go
 * into @answer. Counting is by a session that lasts for one batch: tallies are read once.
 */
struct grant_session; /* opaque */
int grant_session_begin(struct db *db, int64_t now_s, struct grant_session **ret,
			struct oak_error *err) _must_check_;
int grant_session_take(struct grant_session *s, const struct report *r, struct answer *answer,
		       struct oak_error *err) _must_check_;
void grant_session_end(struct grant_session *s);

#endif
