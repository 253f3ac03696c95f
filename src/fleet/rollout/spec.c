/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/spec.h"

static int check_stage(const struct rollout_spec *spec, size_t i, uint32_t before_pct,
		       struct oak_error *err)
{
	const struct rollout_stage *st = &spec->stages[i];
	size_t number = i + 1;

	if (st->kind != ROLLOUT_STAGE_TAG && !st->amount)
		return oak_fail(err, OAK_E_FORMAT,
				"stage %zu is of no host: give it a count, a "
				"percentage or a tag",
				number);
	if (st->kind == ROLLOUT_STAGE_PERCENT && st->amount > 100)
		return oak_fail(err, OAK_E_FORMAT, "stage %zu is of %u percent: 1 to 100", number,
				st->amount);
	if (st->kind == ROLLOUT_STAGE_PERCENT && st->amount <= before_pct)
		return oak_fail(err, OAK_E_FORMAT,
				"stage %zu is of %u percent, which the one before it reached: "
				"percentages count all hosts so far",
				number, st->amount);
	if (st->success_pct > 100)
		return oak_fail(err, OAK_E_FORMAT, "stage %zu wants %u percent success: 0 to 100",
				number, st->success_pct);
	if (st->patience_s < spec->silence_s)
		return oak_fail(err, OAK_E_FORMAT,
				"stage %zu has %u s patience: hosts need the %u s of silence to ask",
				number, st->patience_s, spec->silence_s);
	return 0;
}

int rollout_check(const struct rollout_spec *spec, struct oak_error *err)
{
	uint32_t pct = 0;

	if (!spec->max_in_flight)
		return oak_fail(err, OAK_E_FORMAT, "max_in_flight is 0: nobody could begin");
	if (spec->budget.max_failed_pct > 100)
		return oak_fail(err, OAK_E_FORMAT, "max_failed_pct is %u: 0 to 100",
				spec->budget.max_failed_pct);
	if (!spec->grant_timeout_s || !spec->settle_timeout_s || !spec->silence_s)
		return oak_fail(err, OAK_E_FORMAT,
				"grant_timeout, settle_timeout and silence are longer than 0 s");
	/* Whoever counts as silent can no longer use its grant. */
	if (spec->silence_s < spec->grant_timeout_s / 2)
		return oak_fail(err, OAK_E_FORMAT,
				"silence is %u s: at least half of grant_timeout, which is %u s",
				spec->silence_s, spec->grant_timeout_s);
	if (!spec->n_stages || spec->n_stages > ROLLOUT_STAGES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "a rollout has 1 to %d stages, not %zu",
				ROLLOUT_STAGES_MAX, spec->n_stages);
	for (size_t i = 0; i < spec->n_stages; i++) {
		const struct rollout_stage *st = &spec->stages[i];
		int r = check_stage(spec, i, pct, err);

		if (r < 0)
			return r;
		if (st->kind == ROLLOUT_STAGE_PERCENT)
			pct = st->amount;
	}
	return 0;
}
