/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of random rollouts over random fleets with random faults: the policy holds in each, and
 * none is stuck. A seed that breaks it is printed, and the least world found that still does.
 *
 *	ROLLOUT_SEED=N     only that one, printed
 *	ROLLOUT_RUNS=N     so many seeds (2,000)
 */
#include "rollout-sim.h"
#include "test.h"

static uint32_t from_environment(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);
	uint32_t n = 0;

	for (; text && *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (uint32_t)(*text - '0');
	return n ? n : otherwise;
}

static bool holds(uint64_t seed, uint32_t *phases)
{
	const struct sim_world w = sim_world_random(seed);
	struct sim_result r = sim_run(&w);
	const char *broken = sim_broken(&w, &r);
	struct oak_error err;

	EXPECT(rollout_check(&w.spec, &err) == 0);
	phases[r.state.phase]++;
	if (!broken)
		return true;
	sim_print(&w, &r, broken);
	{
		const struct sim_world less = sim_shrink(w);

		r = sim_run(&less);
		sim_print(&less, &r, sim_broken(&less, &r));
	}
	return false;
}

TEST(policy_holds_in_thousands_of_rollouts)
{
	uint32_t one = from_environment("ROLLOUT_SEED", 0);
	uint32_t runs = one ? 1 : from_environment("ROLLOUT_RUNS", 2000);
	uint32_t phases[ROLLOUT_PHASES] = { 0 }, bad = 0;

	for (uint32_t i = 0; i < runs && bad < 3; i++)
		bad += !holds(one ? one : 1 + i, phases);
	(void)fprintf(stderr, "# %u rollouts from seed %u: %u completed, %u halted, %u paused\n",
		      runs, one ? one : 1, phases[ROLLOUT_COMPLETED], phases[ROLLOUT_HALTED],
		      phases[ROLLOUT_PAUSED]);
	EXPECT(bad == 0);
	/* All ways to end were taken, or the fleets are not random enough to show anything. */
	EXPECT(one || runs < 1000 ||
	       (phases[ROLLOUT_COMPLETED] > runs / 20 && phases[ROLLOUT_HALTED] > runs / 20 &&
		phases[ROLLOUT_PAUSED] > runs / 20));
}

/* The bound is one that can be reached: else the test above would show little. */
TEST(bound_is_reached)
{
	struct sim_world w = sim_world_random(1);
	struct sim_result r;

	w.harmful = true;
	w.hosts = 200;
	w.dies_ppm = SIM_PPM;
	w.off_ppm = w.cut_ppm = w.held_ppm = w.lost_ppm = 0;
	w.window = false;
	w.stop_s = 0;
	w.spec = (struct rollout_spec){
		.stages = { { .kind = ROLLOUT_STAGE_PERCENT, .amount = 100, .patience_s = 86400 } },
		.n_stages = 1,
		.budget = { .max_failed = 7, .max_failed_pct = 100 },
		.max_in_flight = 10,
		.grant_timeout_s = 600,
		.settle_timeout_s = 7200,
		.silence_s = 3 * w.poll_s,
	};
	r = sim_run(&w);
	EXPECT(r.applied > 10 && r.applied <= 17);
	EXPECT(r.state.phase == ROLLOUT_PAUSED);
}
