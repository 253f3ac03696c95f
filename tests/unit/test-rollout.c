/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/engine.h"
#include "test.h"

#define SILENCE 1000
#define GRANT   600
#define SETTLE  5000

static struct rollout_spec two_stages(void)
{
	return (struct rollout_spec){
		.stages = { { .kind = ROLLOUT_STAGE_COUNT,
			      .amount = 2,
			      .soak_s = 100,
			      .success_pct = 100,
			      .patience_s = SILENCE },
			    { .kind = ROLLOUT_STAGE_PERCENT,
			      .amount = 100,
			      .success_pct = 90,
			      .min_reports = 3,
			      .patience_s = SILENCE } },
		.n_stages = 2,
		.budget = { .max_failed = 1,
			    .max_failed_pct = 100,
			    .min_executed = 1,
			    .action = ROLLOUT_ACTION_STOP },
		.max_in_flight = 3,
		.grant_timeout_s = GRANT,
		.settle_timeout_s = SETTLE,
		.silence_s = SILENCE,
	};
}

TEST(spec_that_is_right)
{
	const struct rollout_spec s = two_stages();
	struct oak_error err;

	EXPECT(rollout_check(&s, &err) == 0);
}

static void spoil(struct rollout_spec *s, int how)
{
	switch (how) {
	case 0:
		s->n_stages = 0;
		break;
	case 1:
		s->stages[0].amount = 0;
		break;
	case 2:
		s->stages[1].amount = 101;
		break;
	case 3:
		s->stages[0] = s->stages[1];
		break;
	case 4:
		s->stages[1].success_pct = 101;
		break;
	case 5:
		s->stages[0].patience_s = SILENCE - 1;
		break;
	case 6:
		s->max_in_flight = 0;
		break;
	case 7:
		s->budget.max_failed_pct = 101;
		break;
	case 8:
		s->settle_timeout_s = 0;
		break;
	default:
		s->grant_timeout_s = 2 * SILENCE + 2;
		break;
	}
}

TEST(spec_that_is_wrong_is_named)
{
	static const char *const said[] = {
		"a rollout has 1 to 16 stages, not 0",
		"stage 1 is of no host: give it a count, a percentage or a tag",
		"stage 2 is of 101 percent: 1 to 100",
		("stage 2 is of 100 percent, which the one before it reached: percentages count all "
		 "hosts so far"),
		"stage 2 wants 101 percent success: 0 to 100",
		"stage 1 has 999 s patience: hosts need the 1000 s of silence to ask",
		"max_in_flight is 0: nobody could begin",
		"max_failed_pct is 101: 0 to 100",
		"grant_timeout, settle_timeout and silence are longer than 0 s",
		"silence is 1000 s: at least half of grant_timeout, which is 2002 s",
	};

	for (int i = 0; i < (int)(sizeof(said) / sizeof(said[0])); i++) {
		struct rollout_spec s = two_stages();
		struct oak_error err;

		test_case = said[i];
		spoil(&s, i);
		EXPECT(rollout_check(&s, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, said[i]);
	}
}

static const struct {
	const char *what, *outcome;
	struct rollout_host h;
	bool watched;
	int64_t now_s;
} outcomes[] = {
	{ "never asked", "waiting", { .seen_s = 1 }, true, 10000 },
	{ "just granted", "granted", { .granted_s = 100, .seen_s = 100 }, true, 200 },
	{ "granted, silent, not for too long",
	  "granted",
	  { .granted_s = 100, .seen_s = 100 },
	  true,
	  100 + SILENCE },
	{ "granted, and then nothing: its kernel may be dead",
	  "silent",
	  { .granted_s = 100, .seen_s = 100 },
	  true,
	  101 + SILENCE },
	{ "speaks, and does not apply",
	  "held",
	  { .granted_s = 100, .seen_s = 101 + GRANT },
	  true,
	  102 + GRANT },
	{ "applied",
	  "soaking",
	  { .report = ROLLOUT_REPORT_APPLIED, .granted_s = 100, .applied_s = 150, .seen_s = 200 },
	  true,
	  300 },
	{ "applied, and then nothing",
	  "silent",
	  { .report = ROLLOUT_REPORT_APPLIED, .granted_s = 100, .applied_s = 150, .seen_s = 200 },
	  false,
	  201 + SILENCE },
	{ "applied, and never settles",
	  "held",
	  { .report = ROLLOUT_REPORT_APPLIED,
	    .granted_s = 100,
	    .applied_s = 150,
	    .seen_s = 151 + SETTLE },
	  true,
	  152 + SETTLE },
	{ "settled",
	  "well",
	  { .report = ROLLOUT_REPORT_SETTLED, .granted_s = 100, .seen_s = 200 },
	  true,
	  300 },
	{ "settled, and fell silent while its stage was watched",
	  "silent",
	  { .report = ROLLOUT_REPORT_SETTLED, .granted_s = 100, .seen_s = 200 },
	  true,
	  201 + SILENCE },
	{ "settled, and switched off long after",
	  "well",
	  { .report = ROLLOUT_REPORT_SETTLED, .granted_s = 100, .seen_s = 200 },
	  false,
	  201 + SILENCE },
	{ "failed",
	  "failed",
	  { .report = ROLLOUT_REPORT_FAILED, .granted_s = 100, .seen_s = 200 },
	  false,
	  90000 },
	{ "settled, but its transition took too long",
	  "failed",
	  { .report = ROLLOUT_REPORT_SETTLED, .granted_s = 100, .seen_s = 200, .transition_ms = 501 },
	  true,
	  300 },
	{ "settled, but stood still for too long",
	  "failed",
	  { .report = ROLLOUT_REPORT_SETTLED, .granted_s = 100, .seen_s = 200, .gap_us = 9001 },
	  true,
	  300 },
	{ "settled, with all of what it may take",
	  "well",
	  { .report = ROLLOUT_REPORT_SETTLED,
	    .granted_s = 100,
	    .seen_s = 200,
	    .transition_ms = 500,
	    .gap_us = 9000 },
	  true,
	  300 },
};

TEST(what_has_come_of_a_host)
{
	struct rollout_spec s = two_stages();

	s.max_transition_ms = 500;
	s.max_gap_us = 9000;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		test_case = outcomes[i].what;
		EXPECT_STR(rollout_outcome_name(rollout_outcome(&s, &outcomes[i].h,
								outcomes[i].watched,
								outcomes[i].now_s)),
			   outcomes[i].outcome);
	}
}

static bool is_odd(const void *ctx, uint64_t place, size_t stage)
{
	return stage == *(const size_t *)ctx && place % 2;
}

TEST(hosts_get_their_stages)
{
	struct rollout_spec s = two_stages();
	struct rollout_host hosts[10];
	const size_t with_tag = 1;
	static const uint16_t want[] = { 0, 1, 2, 1, 2, 1, 3, 1, 3, 1 };

	s.n_stages = 3;
	s.stages[0] = (struct rollout_stage){ .kind = ROLLOUT_STAGE_COUNT, .amount = 1 };
	s.stages[1] = (struct rollout_stage){ .kind = ROLLOUT_STAGE_TAG };
	s.stages[2] = (struct rollout_stage){ .kind = ROLLOUT_STAGE_PERCENT, .amount = 75 };
	/* Backwards: the order is by place, not as they came. */
	for (size_t i = 0; i < 10; i++)
		hosts[i] = (struct rollout_host){ .place = 9 - i };
	rollout_assign(&s, &(struct rollout_tags){ is_odd, &with_tag }, hosts, 10);
	for (size_t i = 0; i < 10; i++) {
		EXPECT(hosts[i].place == i);
		EXPECT(hosts[i].stage == want[i]);
	}
}

/* --- the engine, by hand: two hosts in stage 1, eight in stage 2 */

struct fleet {
	struct rollout_spec spec;
	struct rollout_state s;
	struct rollout_tally t[2];
};

static struct fleet running(void)
{
	struct fleet f = { .spec = two_stages(), .t = { { .hosts = 2 }, { .hosts = 8 } } };
	struct oak_error err;

	f.t[0].n[ROLLOUT_WAITING] = 2;
	f.t[1].n[ROLLOUT_WAITING] = 8;
	EXPECT(rollout_command(&f.spec, &f.s, ROLLOUT_SUBMIT, 0, 0, &err) == 0);
	EXPECT(rollout_command(&f.spec, &f.s, ROLLOUT_START, 0, 0, &err) == 0);
	return f;
}

static void move(struct fleet *f, int stage, enum rollout_outcome from, enum rollout_outcome to,
		 uint32_t n)
{
	EXPECT(f->t[stage].n[from] >= n);
	f->t[stage].n[from] -= n;
	f->t[stage].n[to] += n;
}

static void step(struct fleet *f, int64_t now_s)
{
	rollout_step(&f->spec, &f->s, f->t, true, now_s);
}

static bool grants(struct fleet *f, uint32_t stage, uint32_t rank, int64_t now_s)
{
	struct rollout_tally all = { 0 };

	for (int i = 0; i < 2; i++)
		for (int o = 0; o < ROLLOUT_OUTCOMES; o++)
			all.n[o] += f->t[i].n[o];
	return rollout_grants(&f->spec, &f->s,
			      &(struct rollout_ask){ .stage = stage,
						     .rank = rank,
						     .all = &all,
						     .window_open = true,
						     .now_s = now_s });
}

TEST(stage_opens_soaks_and_gives_way_to_the_next)
{
	struct fleet f = running();

	step(&f, 10);
	EXPECT(f.s.allowed[0] == 2 && f.s.allowed[1] == 0);
	EXPECT(grants(&f, 0, 1, 10));
	EXPECT(!grants(&f, 1, 0, 10));
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_GRANTED, 2);
	step(&f, 20);
	move(&f, 0, ROLLOUT_GRANTED, ROLLOUT_WELL, 2);
	step(&f, 30);
	EXPECT(f.s.stage == 0 && f.s.done_s == 30);
	step(&f, 129);
	EXPECT(f.s.stage == 0);
	step(&f, 130);
	EXPECT(f.s.stage == 1 && f.s.allowed[1] == 3);
	EXPECT(grants(&f, 1, 2, 131));
	EXPECT(!grants(&f, 1, 3, 131));
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_GRANTED, 3);
	EXPECT(!grants(&f, 1, 2, 131));
	move(&f, 1, ROLLOUT_GRANTED, ROLLOUT_WELL, 3);
	step(&f, 140);
	EXPECT(f.s.allowed[1] == 6);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_WELL, 5);
	step(&f, 150);
	EXPECT(f.s.phase == ROLLOUT_COMPLETED);
	EXPECT_STR(f.s.why, "all stages have gone well");
}

TEST(spent_budget_halts)
{
	struct fleet f = running();

	step(&f, 10);
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_FAILED, 1);
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_SILENT, 1);
	/* Before any step has seen it. */
	EXPECT(!grants(&f, 0, 1, 11));
	step(&f, 11);
	EXPECT(f.s.phase == ROLLOUT_HALTED && !f.s.take_back);
	EXPECT_STR(f.s.why,
		   "stage 1: 2 of 2 hosts that were done have failed (1 of them fell silent); "
		   "1 are tolerated");
}

TEST(spent_budget_takes_back)
{
	struct fleet f = running();

	f.spec.budget.action = ROLLOUT_ACTION_TAKE_BACK;
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_FAILED, 2);
	step(&f, 11);
	EXPECT(f.s.phase == ROLLOUT_HALTED && f.s.take_back);
	EXPECT_CONTAINS(f.s.why, "; the level is taken back");
}

TEST(share_counts_once_enough_are_done)
{
	struct fleet f = running();

	f.spec.budget = (struct rollout_budget){ .max_failed = 100,
						 .max_failed_pct = 20,
						 .min_executed = 5,
						 .action = ROLLOUT_ACTION_PAUSE };
	f.spec.stages[0].success_pct = 0;
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_WELL, 3);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_FAILED, 1);
	step(&f, 10);
	EXPECT(f.s.phase == ROLLOUT_RUNNING);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_WELL, 1);
	step(&f, 11); /* 1 of 5 is 20 %: not more */
	EXPECT(f.s.phase == ROLLOUT_RUNNING);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_FAILED, 1);
	step(&f, 12);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
}

TEST(hosts_that_come_late_can_still_halt_it)
{
	struct fleet f = running();

	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_WELL, 2);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_WELL, 6);
	step(&f, 10);
	step(&f, 200);
	step(&f, 201 + SILENCE);
	step(&f, 202 + 2 * SILENCE);
	EXPECT(f.s.phase == ROLLOUT_COMPLETED);
	EXPECT(grants(&f, 1, 7, 9000));
	EXPECT(!grants(&f, 2, 0, 9000)); /* in no stage */
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_FAILED, 2);
	step(&f, 9001);
	EXPECT(f.s.phase == ROLLOUT_HALTED);
}

TEST(stage_that_falls_short_pauses)
{
	struct fleet f = running();

	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_WELL, 1);
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_FAILED, 1);
	step(&f, 10);
	step(&f, 110);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
	EXPECT_STR(f.s.why, "stage 1: 1 of 2 hosts are well, 100 % are wanted");
}

TEST(nobody_who_comes_pauses_it)
{
	struct fleet f = running();

	step(&f, 10);
	step(&f, SILENCE);
	EXPECT(f.s.phase == ROLLOUT_RUNNING);
	step(&f, 12 + SILENCE);
	EXPECT(!grants(&f, 1, 0, 13 + SILENCE));
	step(&f, 112 + SILENCE);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
	EXPECT_STR(f.s.why,
		   "stage 1: 0 of its 2 hosts are done, 1 are wanted; 2 never asked, 0 are held");
}

TEST(patience_rests_while_the_window_is_closed)
{
	struct fleet f = running();

	for (int64_t now_s = 10; now_s < 20 * (int64_t)SILENCE; now_s += 10)
		rollout_step(&f.spec, &f.s, f.t, false, now_s);
	EXPECT(f.s.phase == ROLLOUT_RUNNING && f.s.allowed[0] == 0 && !f.s.done_s);
}

TEST(next_stage_may_wait_for_a_person)
{
	struct fleet f = running();
	struct oak_error err;

	f.spec.stages[0].next = ROLLOUT_NEXT_PAUSE;
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_WELL, 2);
	step(&f, 10);
	step(&f, 110);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
	EXPECT_STR(f.s.why, "stage 1 has gone well; stage 2 waits for a person");
	EXPECT(!grants(&f, 1, 0, 111));
	EXPECT(rollout_command(&f.spec, &f.s, ROLLOUT_RESUME, 0, 200, &err) == 0);
	step(&f, 201);
	EXPECT(f.s.phase == ROLLOUT_RUNNING && f.s.stage == 1 && f.s.allowed[1] == 3);
}

TEST(who_resumes_has_seen_the_failures)
{
	struct fleet f = running();
	struct oak_error err;

	f.spec.budget.action = ROLLOUT_ACTION_PAUSE;
	move(&f, 0, ROLLOUT_WAITING, ROLLOUT_FAILED, 2);
	step(&f, 10);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
	EXPECT(rollout_command(&f.spec, &f.s, ROLLOUT_RESUME, 2, 20, &err) == 0);
	step(&f, 21);
	EXPECT(f.s.phase == ROLLOUT_RUNNING);
	step(&f, 121);
	EXPECT(f.s.phase == ROLLOUT_RUNNING && f.s.stage == 1);
	move(&f, 1, ROLLOUT_WAITING, ROLLOUT_FAILED, 2);
	step(&f, 130);
	EXPECT(f.s.phase == ROLLOUT_PAUSED);
}

TEST(failure_domain_is_never_touched_twice)
{
	struct fleet f = running();
	const struct rollout_tally none = { 0 };
	struct rollout_ask ask = { .all = &none, .in_domain = 1, .window_open = true };

	step(&f, 1);
	EXPECT(rollout_grants(&f.spec, &f.s, &ask));
	f.spec.spread = true;
	EXPECT(!rollout_grants(&f.spec, &f.s, &ask));
	ask.in_domain = 0;
	EXPECT(rollout_grants(&f.spec, &f.s, &ask));
	ask.held = true;
	EXPECT(!rollout_grants(&f.spec, &f.s, &ask));
}

TEST(commands_and_phases)
{
	/* One row a phase, one column a command, as in the enums: "-" is refused. */
	static const char *const table[ROLLOUT_PHASES][ROLLOUT_COMMANDS] = {
		{ "scheduled", "-", "-", "-", "-", "-", "-", "cancelled" },
		{ "-", "scheduled", "-", "-", "-", "-", "-", "cancelled" },
		{ "-", "-", "running", "-", "-", "-", "-", "cancelled" },
		{ "-", "-", "-", "paused", "-", "halted", "halted", "-" },
		{ "-", "-", "-", "-", "running", "halted", "halted", "-" },
		{ "-", "-", "-", "-", "-", "-", "halted", "-" },
		{ "-", "-", "-", "-", "-", "-", "halted", "-" },
		{ "-", "-", "-", "-", "-", "-", "-", "-" },
	};
	const struct rollout_spec spec = two_stages();
	struct oak_error err;

	for (int p = 0; p < ROLLOUT_PHASES; p++)
		for (int c = 0; c < ROLLOUT_COMMANDS; c++) {
			struct rollout_state s = { .phase = (enum rollout_phase)p };
			bool refused = strcmp(table[p][c], "-") == 0;
			int r = rollout_command(&spec, &s, (enum rollout_command)c, 0, 1, &err);

			test_case = rollout_phase_name((enum rollout_phase)p);
			EXPECT(r == (refused ? -OAK_E_REFUSED : 0));
			if (!refused)
				EXPECT_STR(rollout_phase_name(s.phase), table[p][c]);
		}
	EXPECT_STR(err.msg, "a rollout that is cancelled cannot be told to cancel");
}

TEST(approval_is_by_a_second_person)
{
	struct rollout_spec spec = two_stages();
	struct rollout_state s = { 0 };
	struct oak_error err;

	spec.approval = true;
	EXPECT(rollout_command(&spec, &s, ROLLOUT_SUBMIT, 0, 1, &err) == 0);
	EXPECT(s.phase == ROLLOUT_PENDING_APPROVAL);
	EXPECT_STR(s.why, "waits for a second person");
	EXPECT(rollout_command(&spec, &s, ROLLOUT_START, 0, 1, &err) == -OAK_E_REFUSED);
	EXPECT(rollout_command(&spec, &s, ROLLOUT_APPROVE, 0, 1, &err) == 0);
	EXPECT(s.phase == ROLLOUT_SCHEDULED);
}
