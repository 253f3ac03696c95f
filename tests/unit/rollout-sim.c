/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rollout-sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

/* splitmix64, Steele and others 2014: every state is a good seed. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t between(uint64_t *state, uint32_t low, uint32_t high)
{
	return low + (uint32_t)(draw(state) % ((uint64_t)high - low + 1));
}

static bool chance(uint64_t *state, uint32_t ppm)
{
	return draw(state) % SIM_PPM < ppm;
}

static struct rollout_stage random_stage(uint64_t *rng, uint32_t number, uint32_t of)
{
	static const uint32_t success[] = { 0, 50, 90, 95, 100 };
	struct rollout_stage st = { .kind = ROLLOUT_STAGE_PERCENT };

	if (number + 1 == of) {
		st.amount = 100;
	} else if (chance(rng, 500000) && number == 0) {
		st.kind = ROLLOUT_STAGE_COUNT;
		st.amount = between(rng, 1, 5);
	} else {
		st.amount = (number + 1) * 100 / (of + 1);
	}
	if (!st.amount)
		st.amount = 1;
	st.soak_s = between(rng, 0, 6 * 3600);
	st.success_pct = success[between(rng, 0, 4)];
	st.min_reports = between(rng, 0, 10);
	st.patience_s = between(rng, 0, DAY_S);
	return st;
}

struct sim_world sim_world_random(uint64_t seed)
{
	uint64_t rng = seed;
	struct sim_world w = {
		.seed = seed,
		.hosts = between(&rng, 1, 200),
		.domains = between(&rng, 1, 20),
		.harmful = chance(&rng, 500000),
		.bad_ppm = chance(&rng, 500000) ? between(&rng, 0, 100000) : 0,
		.dies_ppm = between(&rng, 0, SIM_PPM),
		.off_ppm = chance(&rng, 500000) ? between(&rng, 0, 600000) : 0,
		.cut_ppm = chance(&rng, 500000) ? between(&rng, 0, 600000) : 0,
		.held_ppm = chance(&rng, 500000) ? between(&rng, 0, 600000) : 0,
		.lost_ppm = chance(&rng, 500000) ? between(&rng, 0, 300000) : 0,
		.poll_s = between(&rng, 60, 7200),
		.step_s = between(&rng, 10, 1800),
		.window = chance(&rng, 250000),
	};
	struct rollout_spec *s = &w.spec;

	if (chance(&rng, 200000))
		w.stop_s = between(&rng, 1, 2 * DAY_S);
	s->n_stages = between(&rng, 1, 5);
	for (uint32_t i = 0; i < s->n_stages; i++)
		s->stages[i] = random_stage(&rng, i, (uint32_t)s->n_stages);
	s->budget = (struct rollout_budget){ .max_failed = between(&rng, 0, 10),
					     .max_failed_pct = between(&rng, 0, 100),
					     .min_executed = between(&rng, 1, 20),
					     .action = between(&rng, 0, 2) };
	s->max_in_flight = between(&rng, 1, 50);
	s->grant_timeout_s = between(&rng, 600, 7200);
	s->settle_timeout_s = between(&rng, 7200, 2 * DAY_S);
	s->silence_s = 3 * w.poll_s + between(&rng, 0, 7200);
	if (s->silence_s < s->grant_timeout_s / 2)
		s->silence_s = s->grant_timeout_s / 2;
	for (uint32_t i = 0; i < s->n_stages; i++)
		s->stages[i].patience_s += s->silence_s;
	s->spread = chance(&rng, 300000);
	return w;
}

/* --- one host */

enum life {
	LIFE_IDLE,
	LIFE_GRANTED, /* and it will apply at @deed_s */
	LIFE_APPLIED, /* and settles, or is hurt, at @deed_s */
	LIFE_SETTLED,
	LIFE_HURT,
	LIFE_DEAD,
	LIFE_BACK, /* gave the level back */
};

struct host {
	struct rollout_host seen; /* what the server knows */
	enum rollout_outcome counted;
	enum life life;
	bool off, held, hurts, dies;
	int64_t cut_from_s, cut_to_s;
	int64_t poll_s, deed_s; /* what it does next; deed_s 0: nothing but polls */
};

struct event {
	int64_t at_s;
	uint32_t host;
};

struct sim {
	const struct sim_world *w;
	uint64_t rng;
	struct host *hosts;
	uint32_t *rank;
	struct event *heap;
	size_t n_heap;
	struct rollout_state s;
	struct rollout_tally tally[ROLLOUT_STAGES_MAX + 1];
	uint32_t *in_domain; /* in flight as the server counts */
	uint32_t *true_domain, true_flight;
	bool stopped;
	struct sim_result r;
};

static void push(struct sim *sim, int64_t at_s, uint32_t host)
{
	size_t i = sim->n_heap++;

	while (i > 0 && sim->heap[(i - 1) / 2].at_s > at_s) {
		sim->heap[i] = sim->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	sim->heap[i] = (struct event){ at_s, host };
}

static struct event pop(struct sim *sim)
{
	struct event first = sim->heap[0], last = sim->heap[--sim->n_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < sim->n_heap) {
		if (child + 1 < sim->n_heap && sim->heap[child + 1].at_s < sim->heap[child].at_s)
			child++;
		if (sim->heap[child].at_s >= last.at_s)
			break;
		sim->heap[i] = sim->heap[child];
		i = child;
	}
	sim->heap[i] = last;
	return first;
}

/* No second host of its failure domain may begin. */
static bool is_near(enum rollout_outcome o)
{
	return o == ROLLOUT_GRANTED || o == ROLLOUT_SOAKING || o == ROLLOUT_SILENT;
}

static bool is_true_flight(enum life life)
{
	return life == LIFE_GRANTED || life == LIFE_APPLIED;
}

/* The server counts one host anew. */
static void count(struct sim *sim, struct host *h, int64_t now_s)
{
	struct rollout_tally *t = &sim->tally[h->seen.stage];
	bool watched = h->seen.stage >= sim->s.stage && sim->s.phase != ROLLOUT_COMPLETED;
	enum rollout_outcome o = rollout_outcome(&sim->w->spec, &h->seen, watched, now_s);

	t->n[h->counted]--;
	t->n[o]++;
	sim->in_domain[h->seen.domain] += (uint32_t)is_near(o) - (uint32_t)is_near(h->counted);
	/* What the server gave up it no longer holds itself to. */
	if (is_true_flight(h->life) && (o == ROLLOUT_SILENT) != (h->counted == ROLLOUT_SILENT))
		sim->true_flight += o == ROLLOUT_SILENT ? -1u : 1u;
	h->counted = o;
}

static bool window_open(const struct sim_world *w, int64_t now_s)
{
	return !w->window || now_s % DAY_S < DAY_S / 3;
}

/* How it really is: in flight is who may still be hurt. */
static void take_off(struct sim *sim, const struct host *h)
{
	sim->true_flight++;
	sim->true_domain[h->seen.domain]++;
}

/* After each new grant; hosts that were silent and are back may make it more in between. */
static void look(struct sim *sim, const struct host *h)
{
	if (sim->true_flight > sim->r.flight_max)
		sim->r.flight_max = sim->true_flight;
	if (sim->true_domain[h->seen.domain] > sim->r.domain_max)
		sim->r.domain_max = sim->true_domain[h->seen.domain];
}

static void land(struct sim *sim, const struct host *h)
{
	if (h->counted != ROLLOUT_SILENT)
		sim->true_flight--;
	sim->true_domain[h->seen.domain]--;
}

/* The answer may be lost; then the host asks again. */
static void take_grant(struct sim *sim, struct host *h, int64_t now_s)
{
	int64_t until_s = h->seen.granted_s + sim->w->spec.grant_timeout_s / 2;

	if (now_s >= until_s || h->held || chance(&sim->rng, sim->w->lost_ppm))
		return;
	h->life = LIFE_GRANTED;
	h->deed_s = now_s + between(&sim->rng, 1, (uint32_t)(until_s - now_s));
	take_off(sim, h);
}

static void ask(struct sim *sim, struct host *h, int64_t now_s)
{
	const struct sim_world *w = sim->w;
	struct rollout_tally all = { 0 };

	for (size_t i = 0; i <= w->spec.n_stages; i++)
		for (int o = 0; o < ROLLOUT_OUTCOMES; o++)
			all.n[o] += sim->tally[i].n[o];
	if (!rollout_grants(&w->spec, &sim->s,
			    &(struct rollout_ask){ h->seen.stage, sim->rank[h - sim->hosts], &all,
						   sim->in_domain[h->seen.domain],
						   h->counted == ROLLOUT_HELD,
						   window_open(w, now_s), now_s }))
		return;
	sim->r.after_stop += sim->stopped;
	h->seen.granted_s = now_s;
	count(sim, h, now_s);
	take_grant(sim, h, now_s);
	look(sim, h);
}

static const uint16_t said[] = {
	[LIFE_IDLE] = ROLLOUT_REPORT_NONE,       [LIFE_GRANTED] = ROLLOUT_REPORT_NONE,
	[LIFE_APPLIED] = ROLLOUT_REPORT_APPLIED, [LIFE_SETTLED] = ROLLOUT_REPORT_SETTLED,
	[LIFE_HURT] = ROLLOUT_REPORT_FAILED,     [LIFE_BACK] = ROLLOUT_REPORT_FAILED,
	[LIFE_DEAD] = ROLLOUT_REPORT_NONE,
};

/* A word to the server, and what it answers. */
static void speak(struct sim *sim, struct host *h, int64_t now_s)
{
	bool cut = now_s >= h->cut_from_s && now_s < h->cut_to_s;

	if (cut || h->off || h->life == LIFE_DEAD || chance(&sim->rng, sim->w->lost_ppm))
		return;
	h->seen.seen_s = now_s;
	if (said[h->life] == ROLLOUT_REPORT_APPLIED && !h->seen.applied_s)
		h->seen.applied_s = now_s;
	if (h->seen.granted_s && said[h->life] != ROLLOUT_REPORT_NONE)
		h->seen.report = said[h->life];
	count(sim, h, now_s);
	if (sim->s.take_back && (h->life == LIFE_SETTLED || h->life == LIFE_APPLIED)) {
		if (h->life == LIFE_APPLIED)
			land(sim, h);
		h->life = LIFE_BACK;
		h->deed_s = 0;
		return;
	}
	if (h->life == LIFE_IDLE && h->counted == ROLLOUT_GRANTED)
		take_grant(sim, h, now_s);
	else if (h->life == LIFE_IDLE)
		ask(sim, h, now_s);
}

static void deed(struct sim *sim, struct host *h, int64_t now_s)
{
	h->deed_s = 0;
	if (h->life == LIFE_GRANTED) {
		h->life = LIFE_APPLIED;
		sim->r.applied++;
		sim->r.in_stage[h->seen.stage]++;
		h->deed_s = now_s + between(&sim->rng, 1, sim->w->spec.settle_timeout_s / 2);
	} else if (h->life == LIFE_APPLIED) {
		land(sim, h);
		h->life = h->hurts ? (h->dies ? LIFE_DEAD : LIFE_HURT) : LIFE_SETTLED;
	}
}

static void next(struct sim *sim, struct host *h)
{
	int64_t at_s = h->poll_s;

	if (h->off || h->life == LIFE_DEAD)
		return;
	if (h->deed_s && h->deed_s < at_s)
		at_s = h->deed_s;
	push(sim, at_s, (uint32_t)(h - sim->hosts));
}

static void happen(struct sim *sim, const struct event *e)
{
	struct host *h = &sim->hosts[e->host];

	if (h->deed_s && e->at_s == h->deed_s)
		deed(sim, h, e->at_s);
	else
		h->poll_s = e->at_s + sim->w->poll_s;
	speak(sim, h, e->at_s);
	next(sim, h);
	sim->r.events++;
}

static void make_hosts(struct sim *sim)
{
	const struct sim_world *w = sim->w;
	struct rollout_host *order = calloc(w->hosts, sizeof(*order));
	uint32_t ranks[ROLLOUT_STAGES_MAX + 1] = { 0 };

	if (!order)
		abort();
	for (uint32_t i = 0; i < w->hosts; i++)
		order[i] = (struct rollout_host){ .place = draw(&sim->rng),
						  .domain = between(&sim->rng, 1, w->domains) };
	rollout_assign(&w->spec, NULL, order, w->hosts);
	for (uint32_t i = 0; i < w->hosts; i++) {
		struct host *h = &sim->hosts[i];

		h->seen = order[i];
		h->off = chance(&sim->rng, w->off_ppm);
		h->held = chance(&sim->rng, w->held_ppm);
		h->hurts = w->harmful || chance(&sim->rng, w->bad_ppm);
		h->dies = chance(&sim->rng, w->dies_ppm);
		if (chance(&sim->rng, w->cut_ppm)) {
			h->cut_from_s = between(&sim->rng, 0, 2 * DAY_S);
			h->cut_to_s = h->cut_from_s + between(&sim->rng, 60, DAY_S);
		}
		h->poll_s = between(&sim->rng, 1, w->poll_s);
		sim->rank[i] = ranks[h->seen.stage]++;
		sim->tally[h->seen.stage].hosts++;
		sim->tally[h->seen.stage].n[ROLLOUT_WAITING]++;
		next(sim, h);
	}
	free(order);
}

/* All the time that waves of hosts, patience, soaks and windows can take, and some more. */
static int64_t limit_of(const struct sim_world *w)
{
	const struct rollout_spec *s = &w->spec;
	int64_t wave = (int64_t)s->grant_timeout_s + s->settle_timeout_s + s->silence_s +
		       2 * (int64_t)w->poll_s + w->step_s;
	uint32_t width = s->spread && w->domains < s->max_in_flight ? w->domains : s->max_in_flight;
	int64_t limit = (w->hosts / width + 2) * wave;

	for (size_t i = 0; i < s->n_stages; i++)
		limit += wave + s->stages[i].patience_s + s->stages[i].soak_s;
	return limit * 4 + 10 * (int64_t)DAY_S;
}

static void step(struct sim *sim, int64_t now_s)
{
	struct oak_error err;

	for (uint32_t i = 0; i < sim->w->hosts; i++)
		count(sim, &sim->hosts[i], now_s);
	if (sim->w->stop_s && !sim->stopped && now_s >= sim->w->stop_s &&
	    sim->s.phase == ROLLOUT_RUNNING) {
		if (rollout_command(&sim->w->spec, &sim->s, ROLLOUT_STOP, 0, now_s, &err) < 0)
			abort();
		sim->stopped = true;
	}
	rollout_step(&sim->w->spec, &sim->s, sim->tally, window_open(sim->w, now_s), now_s);
}

struct sim_result sim_run(const struct sim_world *w)
{
	struct sim sim = { .w = w, .rng = w->seed ^ 0x6f616b756d };
	int64_t limit = limit_of(w), next_step = 0, over = 0;

	sim.hosts = calloc(w->hosts, sizeof(*sim.hosts));
	sim.rank = calloc(w->hosts, sizeof(*sim.rank));
	sim.heap = calloc((size_t)w->hosts + 1, sizeof(*sim.heap));
	sim.in_domain = calloc((size_t)w->domains + 1, sizeof(*sim.in_domain));
	sim.true_domain = calloc((size_t)w->domains + 1, sizeof(*sim.true_domain));
	if (!sim.hosts || !sim.rank || !sim.heap || !sim.in_domain || !sim.true_domain)
		abort();
	sim.s.phase = ROLLOUT_RUNNING;
	make_hosts(&sim);
	/* What still comes after the end is looked at for a day. */
	while (next_step < limit && !(over && next_step > over + DAY_S)) {
		while (sim.n_heap && sim.heap[0].at_s < next_step) {
			struct event e = pop(&sim);

			happen(&sim, &e);
		}
		step(&sim, next_step);
		if (!over && sim.s.phase != ROLLOUT_RUNNING)
			over = next_step + 1;
		next_step += w->step_s;
	}
	sim.r.stuck = !over;
	sim.r.end_s = over;
	sim.r.state = sim.s;
	for (size_t i = 0; i <= w->spec.n_stages; i++)
		sim.r.well += sim.tally[i].n[ROLLOUT_WELL];
	free(sim.hosts);
	free(sim.rank);
	free(sim.heap);
	free(sim.in_domain);
	free(sim.true_domain);
	return sim.r;
}

/* --- what must hold */

static bool is_quiet(const struct sim_world *w)
{
	return !w->harmful && !w->bad_ppm && !w->off_ppm && !w->cut_ppm && !w->held_ppm &&
	       !w->lost_ppm && !w->stop_s;
}

const char *sim_broken(const struct sim_world *w, const struct sim_result *r)
{
	if (r->stuck)
		return "it is stuck";
	if (w->harmful && r->applied > w->spec.budget.max_failed + w->spec.max_in_flight)
		return "more hosts than the policy allows have a harmful level";
	if (r->flight_max > w->spec.max_in_flight)
		return "more hosts are in flight than may be";
	if (w->spec.spread && r->domain_max > 1)
		return "two hosts of one failure domain are in flight";
	if (r->after_stop)
		return "a host was granted after the stop";
	for (size_t i = (size_t)r->state.stage + 1; i <= w->spec.n_stages; i++)
		if (r->in_stage[i])
			return "a host of a stage that never opened has the level";
	if (is_quiet(w) && (r->state.phase != ROLLOUT_COMPLETED || r->well != w->hosts))
		return "a good level on a quiet fleet does not get through";
	return NULL;
}

static bool still_breaks(const struct sim_world *w)
{
	struct sim_result r = sim_run(w);

	return sim_broken(w, &r) != NULL;
}

struct sim_world sim_shrink(struct sim_world w)
{
	static const size_t faults[] = {
		offsetof(struct sim_world, bad_ppm),  offsetof(struct sim_world, dies_ppm),
		offsetof(struct sim_world, off_ppm),  offsetof(struct sim_world, cut_ppm),
		offsetof(struct sim_world, held_ppm), offsetof(struct sim_world, lost_ppm),
	};
	struct sim_world less;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		less = w;
		memset((char *)&less + faults[i], 0, sizeof(uint32_t));
		if (still_breaks(&less))
			w = less;
	}
	for (less = w; less.hosts > 1; less.hosts -= (less.hosts + 3) / 4)
		if (still_breaks(&less))
			w = less;
	less = w;
	less.window = false;
	if (still_breaks(&less))
		w = less;
	while (w.spec.n_stages > 1) {
		less = w;
		less.spec.stages[--less.spec.n_stages - 1].amount = 100;
		less.spec.stages[less.spec.n_stages - 1].kind = ROLLOUT_STAGE_PERCENT;
		if (!still_breaks(&less))
			break;
		w = less;
	}
	return w;
}

void sim_print(const struct sim_world *w, const struct sim_result *r, const char *broken)
{
	(void)fprintf(
		stderr,
		"seed %" PRIu64 ": %s\n"
		"  %u hosts in %u domains, %zu stages, poll %u s, step %u s, %s, bad %u, dies %u, off "
		"%u, cut %u, held %u, lost %u ppm%s\n"
		"  in flight <= %u, failed <= %u (%u %% of %u), silence %u s, grant %u s, settle "
		"%u s%s\n"
		"  %s in stage %u after %" PRId64 " s: %s\n"
		"  applied %u, well %u, in flight %u, in a domain %u, after the stop %u\n",
		w->seed, broken ? broken : "holds", w->hosts, w->domains, w->spec.n_stages,
		w->poll_s, w->step_s, w->harmful ? "harmful" : "good", w->bad_ppm, w->dies_ppm,
		w->off_ppm, w->cut_ppm, w->held_ppm, w->lost_ppm, w->window ? ", windows" : "",
		w->spec.max_in_flight, w->spec.budget.max_failed, w->spec.budget.max_failed_pct,
		w->spec.budget.min_executed, w->spec.silence_s, w->spec.grant_timeout_s,
		w->spec.settle_timeout_s, w->spec.spread ? ", spread" : "",
		rollout_phase_name(r->state.phase), r->state.stage + 1, r->end_s, r->state.why,
		r->applied, r->well, r->flight_max, r->domain_max, r->after_stop);
}
