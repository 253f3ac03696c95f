/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/host.h"

#include <stdlib.h>

static const char *const outcome_names[] = {
	[ROLLOUT_WAITING] = "waiting", [ROLLOUT_GRANTED] = "granted", [ROLLOUT_SOAKING] = "soaking",
	[ROLLOUT_HELD] = "held",       [ROLLOUT_WELL] = "well",       [ROLLOUT_FAILED] = "failed",
	[ROLLOUT_SILENT] = "silent",
};

const char *rollout_outcome_name(enum rollout_outcome o)
{
	return outcome_names[o];
}

static bool hurts(const struct rollout_spec *spec, const struct rollout_host *h)
{
	return h->report == ROLLOUT_REPORT_FAILED ||
	       (spec->max_transition_ms && h->transition_ms > spec->max_transition_ms) ||
	       (spec->max_gap_us && h->gap_us > spec->max_gap_us);
}

/*
 * A host that was granted spoke then, so it was alive. Whoever fell silent after that has failed,
 * the level's fault or not: a kernel that died cannot say so. Not so one that had settled, once
 * nobody watches its stage any more.
 */
enum rollout_outcome rollout_outcome(const struct rollout_spec *spec, const struct rollout_host *h,
				     bool watched, int64_t now_s)
{
	if (!h->granted_s)
		return ROLLOUT_WAITING;
	if (hurts(spec, h))
		return ROLLOUT_FAILED;
	if (h->report == ROLLOUT_REPORT_SETTLED && !watched)
		return ROLLOUT_WELL;
	if (now_s - h->seen_s > spec->silence_s)
		return ROLLOUT_SILENT;
	if (h->report == ROLLOUT_REPORT_SETTLED)
		return ROLLOUT_WELL;
	/* Not by the clock but by its word: what it does in the meantime nobody knows. */
	if (h->report == ROLLOUT_REPORT_APPLIED)
		return h->seen_s - h->applied_s > spec->settle_timeout_s ? ROLLOUT_HELD
									 : ROLLOUT_SOAKING;
	return h->seen_s - h->granted_s > spec->grant_timeout_s ? ROLLOUT_HELD : ROLLOUT_GRANTED;
}

static int by_place(const void *a, const void *b)
{
	const struct rollout_host *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

/* How many hosts a stage takes at most; those before it have @taken of @n. */
static size_t share_of(const struct rollout_stage *st, size_t taken, size_t n)
{
	size_t upto;

	if (st->kind != ROLLOUT_STAGE_PERCENT)
		return st->kind == ROLLOUT_STAGE_COUNT ? st->amount : n;
	/* Rounded up: one percent of ten hosts is one host. */
	upto = (n * st->amount + 99) / 100;
	return upto > taken ? upto - taken : 0;
}

void rollout_assign(const struct rollout_spec *spec, const struct rollout_tags *tags,
		    struct rollout_host *hosts, size_t n)
{
	size_t taken = 0;

	if (n > 1)
		qsort(hosts, n, sizeof(hosts[0]), by_place);
	for (size_t i = 0; i < n; i++)
		hosts[i].stage = (uint16_t)spec->n_stages;
	for (size_t stage = 0; stage < spec->n_stages; stage++) {
		const struct rollout_stage *st = &spec->stages[stage];
		size_t room = share_of(st, taken, n);

		for (size_t i = 0; i < n && room > 0; i++) {
			if (hosts[i].stage != spec->n_stages)
				continue;
			if (st->kind == ROLLOUT_STAGE_TAG &&
			    !(tags && tags->has(tags->ctx, hosts[i].place, stage)))
				continue;
			hosts[i].stage = (uint16_t)stage;
			room--;
			taken++;
		}
	}
}
