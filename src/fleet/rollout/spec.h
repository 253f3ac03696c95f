/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec: how a level shall come to the hosts of a fleet, and when it stops coming.
 *
 * The hosts that a rollout is meant for are in an order that nobody chose (a hash of rollout and
 * host, "place"). Each belongs to one stage. Stages open one after the other, and within a stage the
 * gate moves up along that order. A host whose turn it is asks before it applies, and is granted
 * that only while fewer than max_in_flight hosts are in between; so whatever a level does, it does
 * it to no more hosts at once. A host in between that says nothing any more has failed: that is how
 * a kernel that died looks from here.
 *
 * Bound: no more hosts ever get a level that harms each of them than the budget tolerates, plus
 * max_in_flight. tests/unit/test-rollout-sim.c holds the engine to it.
 *
 * All of this folder is pure: no clock, no store, no randomness. Times are the server's, in
 * seconds; what a host's clock shows plays no part.
 *
 * Source: names and states as in hawkBit (groups and conditions), Nebraska (a first canary that
 * fails stops everything) and AWS IoT Jobs (a minimum of executed ones before a share counts).
 */
#ifndef OAK_FLEET_ROLLOUT_SPEC_H
#define OAK_FLEET_ROLLOUT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ROLLOUT_STAGES_MAX 16

enum rollout_stage_kind {
	ROLLOUT_STAGE_COUNT,   /* so many hosts more */
	ROLLOUT_STAGE_PERCENT, /* up to that share of all hosts, those of earlier stages included */
	ROLLOUT_STAGE_TAG,     /* every host that has the stage's tag */
};

/* What comes when a stage has gone well. */
enum rollout_next {
	ROLLOUT_NEXT_STAGE,
	ROLLOUT_NEXT_PAUSE, /* a person opens the next one */
};

struct rollout_stage {
	enum rollout_stage_kind kind;
	uint32_t amount;      /* hosts, or percent (1 to 100); not of a tag's */
	uint32_t soak_s;      /* watched for so long after its hosts are done */
	uint32_t success_pct; /* of the hosts that are done, so many are well: 0 to 100 */
	uint32_t min_reports; /* done before the stage counts; or all of its hosts, if fewer; at least one */
	uint32_t patience_s; /* hosts that could ask, and do not, are waited for so long */
	enum rollout_next next;
};

/* What a budget that is spent does. */
enum rollout_action {
	ROLLOUT_ACTION_PAUSE,     /* nobody new; a person decides */
	ROLLOUT_ACTION_STOP,      /* nobody new, for good */
	ROLLOUT_ACTION_TAKE_BACK, /* the same, and hosts that have it give it back */
};

struct rollout_budget {
	uint32_t max_failed;     /* that many may fail */
	uint32_t max_failed_pct; /* and that share of those done, once min_executed are; 100: any */
	uint32_t min_executed;
	enum rollout_action action;
};

struct rollout_spec {
	struct rollout_stage stages[ROLLOUT_STAGES_MAX];
	size_t n_stages;
	struct rollout_budget budget;
	uint32_t max_transition_ms; /* above it a host has failed; 0: any */
	uint32_t max_gap_us;        /* the same of its longest scheduling gap */
	uint32_t max_in_flight;     /* 1 or more */
	uint32_t grant_timeout_s;   /* granted and not applied for so long: held on the host */
	uint32_t settle_timeout_s;  /* applied and not settled for so long: no longer waited for */
	uint32_t silence_s;         /* no word for so long: silent; longer than two polls */
	bool spread;                /* never two hosts of one failure domain in flight */
	bool approval;              /* by a second person, before it starts */
};

/* Errors: OAK_E_FORMAT, which names the member that is wrong. */
int rollout_check(const struct rollout_spec *spec, struct oak_error *err) _must_check_;

#endif
