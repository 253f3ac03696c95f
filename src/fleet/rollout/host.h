/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host: one host's part in a rollout (fleet/rollout/spec.h): its stage, and what has come of it. Pure. */
#ifndef OAK_FLEET_ROLLOUT_HOST_H
#define OAK_FLEET_ROLLOUT_HOST_H

#include "fleet/rollout/spec.h"

/* What a host said last of this rollout's level. */
enum rollout_report {
	ROLLOUT_REPORT_NONE,
	ROLLOUT_REPORT_APPLIED,
	ROLLOUT_REPORT_SETTLED,
	ROLLOUT_REPORT_FAILED, /* not applied, stalled, reverted, quarantined: any harm */
};

struct rollout_host {
	uint64_t place;
	uint16_t stage;    /* its number; spec.n_stages: in none */
	uint16_t report;   /* enum rollout_report */
	uint32_t domain;   /* failure domain; 0: none */
	int64_t granted_s; /* 0: was not yet */
	int64_t applied_s; /* when it first said so; 0 */
	int64_t seen_s;    /* its last word */
	uint32_t transition_ms, gap_us;
};

enum rollout_outcome {
	ROLLOUT_WAITING, /* not granted */
	ROLLOUT_GRANTED, /* in flight */
	ROLLOUT_SOAKING, /* in flight: applied, watched by its agent */
	ROLLOUT_HELD,    /* alive, and does not apply or does not settle; neither well nor failed */
	ROLLOUT_WELL,
	ROLLOUT_FAILED,
	ROLLOUT_SILENT, /* counts as failed */
	ROLLOUT_OUTCOMES
};

/* "waiting", "granted", ... */
const char *rollout_outcome_name(enum rollout_outcome o);

/**
 * rollout_outcome() - what has come of a host
 * @watched: its stage is not over, so that its silence still counts
 */
enum rollout_outcome rollout_outcome(const struct rollout_spec *spec, const struct rollout_host *h,
				     bool watched, int64_t now_s);

/* The hosts of one stage. */
struct rollout_tally {
	uint32_t hosts;
	uint32_t n[ROLLOUT_OUTCOMES];
};

static inline uint32_t rollout_in_flight(const struct rollout_tally *t)
{
	return t->n[ROLLOUT_GRANTED] + t->n[ROLLOUT_SOAKING];
}

static inline uint32_t rollout_failed(const struct rollout_tally *t)
{
	return t->n[ROLLOUT_FAILED] + t->n[ROLLOUT_SILENT];
}

static inline uint32_t rollout_executed(const struct rollout_tally *t)
{
	return t->n[ROLLOUT_WELL] + rollout_failed(t);
}

/* Has a host a stage's tag? */
struct rollout_tags {
	bool (*has)(const void *ctx, uint64_t place, size_t stage);
	const void *ctx;
};

/**
 * rollout_assign() - gives each host its stage
 * @hosts: sorted by place here
 *
 * Stage by stage: a tag's takes all that have it and are in none yet, the others take the first by
 * place. A host that no stage takes (the last one is of 50 %, say) has the stage @spec->n_stages.
 */
void rollout_assign(const struct rollout_spec *spec, const struct rollout_tags *tags,
		    struct rollout_host *hosts, size_t n);

#endif
