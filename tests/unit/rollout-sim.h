/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-sim: a fleet in time that never was, event by event, with the real engine above it.
 *
 * Hosts poll, ask, apply, settle; some are off, some are cut off for a while, some lose a word, some
 * may not apply by their own policy, some die without one. A level is good, or it hurts everybody.
 * All of it follows from one number.
 */
#ifndef OAK_ROLLOUT_SIM_H
#define OAK_ROLLOUT_SIM_H

#include "fleet/rollout/engine.h"

#define SIM_PPM 1000000u

struct sim_world {
	uint64_t seed;
	uint32_t hosts;
	uint32_t domains;
	bool harmful;      /* the level hurts every host that has it, before it could settle */
	uint32_t bad_ppm;  /* of a good one's hosts it hurts those */
	uint32_t dies_ppm; /* of hurt hosts, those that cannot say so */
	uint32_t off_ppm;  /* hosts that are off the whole time */
	uint32_t cut_ppm;  /* hosts that are cut off for a while */
	uint32_t held_ppm; /* hosts whose own policy does not let them */
	uint32_t lost_ppm; /* of all words, either way */
	uint32_t poll_s;
	uint32_t step_s; /* how often the engine is called */
	bool window;     /* hosts may begin in eight hours of a day */
	int64_t stop_s;  /* a person stops it then; 0: nobody does */
	struct rollout_spec spec;
};

struct sim_world sim_world_random(uint64_t seed);

struct sim_result {
	struct rollout_state state;
	uint32_t applied;                          /* hosts that ever had the level */
	uint32_t in_stage[ROLLOUT_STAGES_MAX + 1]; /* those, by stage */
	uint32_t flight_max; /* hosts with a good grant, or the level and neither harm nor peace; but silent ones */
	uint32_t domain_max; /* within one failure domain, silent ones too */
	uint32_t after_stop; /* grants after a person's stop */
	uint32_t well;
	int64_t end_s;
	uint64_t events;
	bool stuck; /* still running when all time that could be wanted was over */
};

/* Aborts where there is no memory. */
struct sim_result sim_run(const struct sim_world *w);

/* What the result breaks, or NULL. */
const char *sim_broken(const struct sim_world *w, const struct sim_result *r);

/* The least world found that breaks the same, beginning with @w. */
struct sim_world sim_shrink(struct sim_world w);

/* On standard error. */
void sim_print(const struct sim_world *w, const struct sim_result *r, const char *broken);

#endif
