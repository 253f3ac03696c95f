/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine: where a rollout (fleet/rollout/spec.h) stands, and what is decided next. Pure.
 *
 *	draft -> [pending-approval ->] scheduled -> running -> completed
 *	running <-> paused; running, paused -> halted; all but the last two -> cancelled
 */
#ifndef OAK_FLEET_ROLLOUT_ENGINE_H
#define OAK_FLEET_ROLLOUT_ENGINE_H

#include "fleet/rollout/host.h"

#define ROLLOUT_TEXT_MAX 256

enum rollout_phase {
	ROLLOUT_DRAFT,
	ROLLOUT_PENDING_APPROVAL,
	ROLLOUT_SCHEDULED,
	ROLLOUT_RUNNING,
	ROLLOUT_PAUSED,
	ROLLOUT_HALTED,
	ROLLOUT_COMPLETED,
	ROLLOUT_CANCELLED,
	ROLLOUT_PHASES
};

/* "draft", "pending-approval", ... */
const char *rollout_phase_name(enum rollout_phase p);

struct rollout_state {
	enum rollout_phase phase;
	uint32_t stage;                       /* the one that is open */
	uint32_t allowed[ROLLOUT_STAGES_MAX]; /* so many of a stage's hosts, by place, may ask */
	uint32_t took;     /* hosts of the stage that have begun, at most so far */
	int64_t moved_s;   /* when more of them did; later by the time in which nobody could */
	int64_t stepped_s; /* the last step */
	int64_t done_s;    /* when its hosts were done, and the soak began; 0 */
	uint32_t forgiven; /* failures that a person went on in spite of */
	bool passed;       /* this stage has gone well; a person opens the next one */
	bool take_back;    /* hosts that have the level give it back */
	char why[ROLLOUT_TEXT_MAX]; /* of the phase, for people; "" */
};

/**
 * rollout_step() - what is decided now
 * @tally:       one for each stage; those before @s->stage counted as not watched
 * @window_open: hosts may begin now
 *
 * Changes @s only where the phase is "running", or "completed" and hosts that came late have spent
 * the budget. May be called at any time, and again: a call that
 * finds nothing new changes nothing but @s->allowed.
 */
void rollout_step(const struct rollout_spec *spec, struct rollout_state *s,
		  const struct rollout_tally *tally, bool window_open, int64_t now_s);

/* A host that asks: its stage, how many of the stage's are before it, and who is in flight now. */
struct rollout_ask {
	uint32_t stage;
	uint32_t rank;
	const struct rollout_tally
		*all;       /* the whole rollout's, counted in the transaction that grants */
	uint32_t in_domain; /* in flight or silent in its failure domain; 0 where it has none */
	bool held;          /* it was granted before, and did not come to it */
	bool window_open;
	int64_t now_s;
};

/*
 * May it begin? A host that is granted already and asks again, having lost the answer, is given the
 * same grant by the caller, without this. Failures that no step has seen yet count already. The grant is good for half of
 * grant_timeout_s on the host: by the time it counts as held here, it can no longer be used.
 */
bool rollout_grants(const struct rollout_spec *spec, const struct rollout_state *s,
		    const struct rollout_ask *ask);

/* The engine's own: makes @stage the open one. */
void rollout_open_stage(struct rollout_state *s, uint32_t stage, int64_t now_s);

enum rollout_command {
	ROLLOUT_SUBMIT,  /* a draft becomes one that waits for approval, or for its start */
	ROLLOUT_APPROVE, /* the caller checks that it is another person */
	ROLLOUT_START,
	ROLLOUT_PAUSE,
	ROLLOUT_RESUME,
	ROLLOUT_STOP,
	ROLLOUT_TAKE_BACK,
	ROLLOUT_CANCEL,
	ROLLOUT_COMMANDS
};

/* "submit", "approve", ... */
const char *rollout_command_name(enum rollout_command c);

/**
 * rollout_command() - what a person wants
 * @failed: hosts that have failed so far: resuming goes on in spite of them
 *
 * Errors: OAK_E_REFUSED: the phase does not allow it; nothing has changed.
 */
int rollout_command(const struct rollout_spec *spec, struct rollout_state *s,
		    enum rollout_command c, uint32_t failed, int64_t now_s, struct oak_error *err)
	_must_check_;

#endif
