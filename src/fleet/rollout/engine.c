/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/engine.h"

#include <stdarg.h>
#include <stdio.h>

void rollout_open_stage(struct rollout_state *s, uint32_t stage, int64_t now_s)
{
	s->stage = stage;
	s->took = 0;
	s->moved_s = s->stepped_s = now_s;
	s->done_s = 0;
	s->passed = false;
}

static const char *const phase_names[] = {
	[ROLLOUT_DRAFT] = "draft",         [ROLLOUT_PENDING_APPROVAL] = "pending-approval",
	[ROLLOUT_SCHEDULED] = "scheduled", [ROLLOUT_RUNNING] = "running",
	[ROLLOUT_PAUSED] = "paused",       [ROLLOUT_HALTED] = "halted",
	[ROLLOUT_COMPLETED] = "completed", [ROLLOUT_CANCELLED] = "cancelled",
};

const char *rollout_phase_name(enum rollout_phase p)
{
	return phase_names[p];
}

__attribute__((format(printf, 3, 4))) static void enter(struct rollout_state *s,
							enum rollout_phase phase, const char *fmt,
							...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(s->why, sizeof(s->why), fmt, args);
	va_end(args);
	s->phase = phase;
}

static void add(struct rollout_tally *sum, const struct rollout_tally *t)
{
	sum->hosts += t->hosts;
	for (int o = 0; o < ROLLOUT_OUTCOMES; o++)
		sum->n[o] += t->n[o];
}

static struct rollout_tally sum_of(const struct rollout_spec *spec,
				   const struct rollout_tally *tally)
{
	struct rollout_tally all = { 0 };

	for (size_t i = 0; i < spec->n_stages; i++)
		add(&all, &tally[i]);
	return all;
}

/* What a person went on in spite of counts no more, neither as failed nor as done. */
static bool is_spent(const struct rollout_budget *b, const struct rollout_state *s,
		     const struct rollout_tally *all)
{
	uint32_t failed = rollout_failed(all), executed = rollout_executed(all);
	uint32_t forgiven = s->forgiven < failed ? s->forgiven : failed;

	failed -= forgiven;
	executed -= forgiven;
	if (failed > b->max_failed)
		return true;
	return failed && executed >= b->min_executed &&
	       (uint64_t)failed * 100 > (uint64_t)executed * b->max_failed_pct;
}

static void spend(const struct rollout_budget *b, struct rollout_state *s,
		  const struct rollout_tally *all)
{
	uint32_t silent = all->n[ROLLOUT_SILENT];

	s->take_back = b->action == ROLLOUT_ACTION_TAKE_BACK;
	enter(s, b->action == ROLLOUT_ACTION_PAUSE ? ROLLOUT_PAUSED : ROLLOUT_HALTED,
	      "stage %u: %u of %u hosts that were done have failed (%u of them fell silent); %u are "
	      "tolerated%s",
	      s->stage + 1, rollout_failed(all), rollout_executed(all), silent, b->max_failed,
	      s->take_back ? "; the level is taken back" : "");
}

/* The gate moves past hosts that do not ask, as long as there is room for others. */
static void move_gate(const struct rollout_spec *spec, struct rollout_state *s,
		      const struct rollout_tally *tally, const struct rollout_tally *all)
{
	uint32_t flying = rollout_in_flight(all);
	uint32_t room = spec->max_in_flight > flying ? spec->max_in_flight - flying : 0;
	uint32_t left = tally[s->stage].hosts - s->allowed[s->stage];

	if (tally[s->stage].hosts > s->allowed[s->stage])
		s->allowed[s->stage] += room < left ? room : left;
}

/* Hosts that really have begun; those whose own policy holds them ask for ever. */
static uint32_t begun(const struct rollout_tally *t)
{
	return t->n[ROLLOUT_SOAKING] + rollout_executed(t);
}

/* Patience is for hosts that could begin, and do not: it rests where there is no room or no window. */
static void watch_progress(struct rollout_state *s, const struct rollout_tally *t, bool could,
			   int64_t now_s)
{
	if (begun(t) > s->took) {
		s->took = begun(t);
		s->moved_s = now_s;
	} else if (!could) {
		s->moved_s += now_s - s->stepped_s;
	}
}

/* Which domains are taken is not known here: one host in flight may be in everybody's way. */
static bool has_room(const struct rollout_spec *spec, const struct rollout_tally *all)
{
	return rollout_in_flight(all) < (spec->spread ? 1 : spec->max_in_flight);
}

static bool is_patience_over(const struct rollout_spec *spec, const struct rollout_state *s,
			     int64_t now_s)
{
	return now_s - s->moved_s > (int64_t)spec->stages[s->stage].patience_s;
}

enum standing {
	STANDING_OPEN, /* more to come */
	STANDING_SOAK,
	STANDING_OVER, /* as far as it will come */
};

/* So many done are wanted of a stage. */
static uint32_t least_of(const struct rollout_stage *st, const struct rollout_tally *t)
{
	uint32_t wanted = st->min_reports ? st->min_reports : 1;

	return wanted < t->hosts ? wanted : t->hosts;
}

/* Is there anybody left in the stage to wait for? Once its soak has begun late ones do not stop it. */
static enum standing standing_of(const struct rollout_spec *spec, struct rollout_state *s,
				 const struct rollout_tally *t, int64_t now_s)
{
	if (!s->done_s) {
		if (rollout_in_flight(t) > 0 ||
		    (rollout_executed(t) < t->hosts && !is_patience_over(spec, s, now_s)))
			return STANDING_OPEN;
		s->done_s = now_s;
	}
	if (now_s - s->done_s < (int64_t)spec->stages[s->stage].soak_s)
		return STANDING_SOAK;
	/* Late ones may still make up the number. */
	return rollout_executed(t) < least_of(&spec->stages[s->stage], t) && rollout_in_flight(t)
		       ? STANDING_SOAK
		       : STANDING_OVER;
}

/* Why the stage's result is not good enough, or false. */
static bool falls_short(const struct rollout_stage *st, struct rollout_state *s,
			const struct rollout_tally *t)
{
	uint32_t executed = rollout_executed(t), well = t->n[ROLLOUT_WELL];
	uint32_t least = least_of(st, t);
	uint32_t forgiven = s->forgiven < executed - well ? s->forgiven : executed - well;

	if (executed < least) {
		enter(s, ROLLOUT_PAUSED,
		      "stage %u: %u of its %u hosts are done, %u are wanted; %u never asked, %u are "
		      "held",
		      s->stage + 1, executed, t->hosts, least, t->n[ROLLOUT_WAITING],
		      t->n[ROLLOUT_HELD]);
		return true;
	}
	if ((uint64_t)well * 100 < (uint64_t)(executed - forgiven) * st->success_pct) {
		enter(s, ROLLOUT_PAUSED, "stage %u: %u of %u hosts are well, %u %% are wanted",
		      s->stage + 1, well, executed, st->success_pct);
		return true;
	}
	return false;
}

/* Returns whether another stage was opened. */
static bool close_stage(const struct rollout_spec *spec, struct rollout_state *s, int64_t now_s)
{
	bool last = s->stage + 1 == spec->n_stages;

	if (last) {
		enter(s, ROLLOUT_COMPLETED, "all stages have gone well");
		return false;
	}
	if (spec->stages[s->stage].next == ROLLOUT_NEXT_PAUSE) {
		s->passed = true;
		enter(s, ROLLOUT_PAUSED, "stage %u has gone well; stage %u waits for a person",
		      s->stage + 1, s->stage + 2);
		return false;
	}
	rollout_open_stage(s, s->stage + 1, now_s);
	return true;
}

void rollout_step(const struct rollout_spec *spec, struct rollout_state *s,
		  const struct rollout_tally *tally, bool window_open, int64_t now_s)
{
	const struct rollout_tally all = sum_of(spec, tally);
	bool again;

	if (s->phase != ROLLOUT_RUNNING && s->phase != ROLLOUT_COMPLETED)
		return;
	if (is_spent(&spec->budget, s, &all)) {
		spend(&spec->budget, s, &all);
		return;
	}
	if (s->phase == ROLLOUT_COMPLETED)
		return;
	do {
		const struct rollout_tally *t = &tally[s->stage];

		again = false;
		if (window_open)
			move_gate(spec, s, tally, &all);
		watch_progress(s, t, window_open && has_room(spec, &all), now_s);
		if (standing_of(spec, s, t, now_s) == STANDING_OVER &&
		    !falls_short(&spec->stages[s->stage], s, t))
			again = close_stage(spec, s, now_s);
	} while (again);
	s->stepped_s = now_s;
}

bool rollout_grants(const struct rollout_spec *spec, const struct rollout_state *s,
		    const struct rollout_ask *ask)
{
	bool running = s->phase == ROLLOUT_RUNNING;

	if (ask->stage >= spec->n_stages || (!running && s->phase != ROLLOUT_COMPLETED))
		return false;
	if (running && (ask->stage > s->stage || ask->rank >= s->allowed[ask->stage]))
		return false;
	/* One try each, or those who never come to it take all room for ever; and the last ones land. */
	if (running && (ask->held || (ask->stage == s->stage && !s->done_s &&
				      is_patience_over(spec, s, ask->now_s))))
		return false;
	return ask->window_open && rollout_in_flight(ask->all) < spec->max_in_flight &&
	       !is_spent(&spec->budget, s, ask->all) && !(spec->spread && ask->in_domain > 0);
}
