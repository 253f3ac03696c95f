/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-bench: the simulation of tests/unit/rollout-sim.h with a large fleet, which has all faults a
 * little, and a level that is good, then one that is not.
 *
 * usage: rollout-bench HOSTS
 * Prints: hosts, events, seconds of the good level, hosts that have it; hosts that got the harmful one,
 * how many the policy allows
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/number.h"
#include "rollout-sim.h"

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Four rings, an hour of soak between them. */
static struct sim_world large(uint32_t hosts)
{
	struct sim_world w = { .seed = 1,
			       .hosts = hosts,
			       .domains = 1000,
			       .bad_ppm = 100,
			       .dies_ppm = 500000,
			       .off_ppm = 20000,
			       .cut_ppm = 20000,
			       .held_ppm = 10000,
			       .lost_ppm = 1000,
			       .poll_s = 3600,
			       .step_s = 120 };
	static const uint32_t percent[] = { 1, 10, 40, 100 };

	w.spec.n_stages = 4;
	for (size_t i = 0; i < w.spec.n_stages; i++)
		w.spec.stages[i] = (struct rollout_stage){ .kind = ROLLOUT_STAGE_PERCENT,
							   .amount = percent[i],
							   .soak_s = 3600,
							   .success_pct = 95,
							   .min_reports = 10,
							   .patience_s = 14400 };
	w.spec.budget = (struct rollout_budget){ .max_failed = hosts / 50 + 1,
						 .max_failed_pct = 100,
						 .min_executed = 10,
						 .action = ROLLOUT_ACTION_STOP };
	w.spec.max_in_flight = hosts / 20 + 1;
	w.spec.grant_timeout_s = 1800;
	w.spec.settle_timeout_s = 7200;
	w.spec.silence_s = 3 * 3600;
	return w;
}

int main(int argc, char **argv)
{
	uint32_t hosts;
	struct sim_world w;
	struct sim_result good, bad;
	const char *broken;
	double start = now();

	if (argc != 2 || number_parse_u32(argv[1], &hosts) < 0 || !hosts || hosts > 10000000) {
		(void)fprintf(stderr, "usage: rollout-bench HOSTS\n");
		return 2;
	}
	w = large(hosts);
	good = sim_run(&w);
	start = now() - start;
	broken = sim_broken(&w, &good);
	if (broken) {
		sim_print(&w, &good, broken);
		return 1;
	}
	w.harmful = true;
	w.spec.budget.max_failed = 100;
	bad = sim_run(&w);
	broken = sim_broken(&w, &bad);
	if (broken) {
		sim_print(&w, &bad, broken);
		return 1;
	}
	printf("%u %" PRIu64 " %.1f %u %u %u\n", hosts, good.events, start, good.applied,
	       bad.applied, w.spec.budget.max_failed + w.spec.max_in_flight);
	return 0;
}
