/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/engine.h"

#include <stdio.h>

#define PHASE(p) (1u << (p))

/* From which phases, to which one. */
static const struct {
	const char *name;
	unsigned from;
	enum rollout_phase to;
	const char *why;
} commands[] = {
	[ROLLOUT_SUBMIT] = { "submit", PHASE(ROLLOUT_DRAFT), ROLLOUT_SCHEDULED,
			     "waits for its start" },
	[ROLLOUT_APPROVE] = { "approve", PHASE(ROLLOUT_PENDING_APPROVAL), ROLLOUT_SCHEDULED,
			      "approved; waits for its start" },
	[ROLLOUT_START] = { "start", PHASE(ROLLOUT_SCHEDULED), ROLLOUT_RUNNING, "" },
	[ROLLOUT_PAUSE] = { "pause", PHASE(ROLLOUT_RUNNING), ROLLOUT_PAUSED, "paused by a person" },
	[ROLLOUT_RESUME] = { "resume", PHASE(ROLLOUT_PAUSED), ROLLOUT_RUNNING, "" },
	[ROLLOUT_STOP] = { "stop", PHASE(ROLLOUT_RUNNING) | PHASE(ROLLOUT_PAUSED), ROLLOUT_HALTED,
			   "stopped by a person" },
	/* Also one that was completed: what came out later can be taken back all the same. */
	[ROLLOUT_TAKE_BACK] = { "take-back",
				PHASE(ROLLOUT_RUNNING) | PHASE(ROLLOUT_PAUSED) |
					PHASE(ROLLOUT_HALTED) | PHASE(ROLLOUT_COMPLETED),
				ROLLOUT_HALTED, "taken back by a person" },
	[ROLLOUT_CANCEL] = { "cancel",
			     PHASE(ROLLOUT_DRAFT) | PHASE(ROLLOUT_PENDING_APPROVAL) |
				     PHASE(ROLLOUT_SCHEDULED),
			     ROLLOUT_CANCELLED, "cancelled by a person" },
};

const char *rollout_command_name(enum rollout_command c)
{
	return commands[c].name;
}

/*
 * Whoever resumes has seen the failures, and that a stage fell short: they are forgiven, and the
 * stage is given its time anew.
 */
static void resume(const struct rollout_spec *spec, struct rollout_state *s, uint32_t failed,
		   int64_t now_s)
{
	uint32_t stage = s->stage + (s->passed && s->stage + 1 < spec->n_stages ? 1 : 0);

	s->forgiven = failed;
	rollout_open_stage(s, stage, now_s);
}

int rollout_command(const struct rollout_spec *spec, struct rollout_state *s,
		    enum rollout_command c, uint32_t failed, int64_t now_s, struct oak_error *err)
{
	enum rollout_phase to = commands[c].to;

	if (!(commands[c].from & PHASE(s->phase)))
		return oak_fail(err, OAK_E_REFUSED, "a rollout that is %s cannot be told to %s",
				rollout_phase_name(s->phase), commands[c].name);
	if (c == ROLLOUT_SUBMIT && spec->approval)
		to = ROLLOUT_PENDING_APPROVAL;
	if (c == ROLLOUT_START)
		rollout_open_stage(s, 0, now_s);
	else if (c == ROLLOUT_RESUME)
		resume(spec, s, failed, now_s);
	else if (c == ROLLOUT_TAKE_BACK)
		s->take_back = true;
	(void)snprintf(s->why, sizeof(s->why), "%s",
		       to == ROLLOUT_PENDING_APPROVAL ? "waits for a second person"
						      : commands[c].why);
	s->phase = to;
	return 0;
}
