/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulation of tests/unit/rollout-sim.h through the whole server: random rollouts over random fleets, but
 * reports go through grant sessions into a database, the director turns, is killed and started again, is
 * down for hours, has its clock set; transactions are lost before they are committed, words come
 * twice. The engine's bounds hold all the same.
 *
 *	ROLLOUT_SEED=N     only that one, printed
 *	ROLLOUT_RUNS=N     so many seeds (10; over PostgreSQL 1)
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "base/json.h"
#include "fleet/rollout/document-write.h"
#include "fleet/store/fleet-clock.h"
#include "fleet/store/hosts.h"
#include "rollout-sim.h"
#include "rollout-world.h"
#include "test.h"

#define DAY_S    86400
#define BEGIN_S  INT64_C(1789948800) /* a midnight */
#define STEP_MAX FLEET_CLOCK_STEP_MAX
#define LIMIT_S  (INT64_C(90) * DAY_S)
#define HOSTS    30

enum life {
	LIFE_IDLE,
	LIFE_GRANTED,
	LIFE_APPLIED,
	LIFE_SETTLED,
	LIFE_HURT,
	LIFE_DEAD,
	LIFE_BACK,
};

struct host {
	enum life life;
	bool off, held, hurts, dies, counted;
	uint32_t domain;
	int64_t cut_from_s, cut_to_s;
	int64_t poll_s, deed_s;
	int64_t seen_s;  /* of the fleet's clock: its last word that was kept */
	int64_t said_s;  /* the same in this batch, until it is committed */
	uint32_t for_s;  /* an answer that is not committed yet */
	int64_t asked_s; /* when it was asked for */
};

struct sim {
	struct sim_world w;
	struct world world;
	uint64_t rng;
	struct host hosts[HOSTS];
	int64_t now_s;    /* real time, from 0 */
	int64_t offset_s; /* the wall's clock shows so much more */
	int64_t fleet_s;
	int64_t down_from_s, down_to_s, jump_s;
	bool take_back, stopped;
	struct sim_result r;
};

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

/* --- the truth */

static bool is_flying(const struct host *h)
{
	return h->life == LIFE_GRANTED || h->life == LIFE_APPLIED;
}

/* What the server gave up as silent it no longer holds itself to. */
static void look(struct sim *s)
{
	uint32_t flying = 0, domains[32] = { 0 };

	for (unsigned i = 0; i < s->w.hosts; i++) {
		const struct host *h = &s->hosts[i];

		if (!is_flying(h))
			continue;
		flying += s->fleet_s - h->seen_s <= s->w.spec.silence_s;
		if (++domains[h->domain] > s->r.domain_max)
			s->r.domain_max = domains[h->domain];
	}
	if (flying > s->r.flight_max)
		s->r.flight_max = flying;
}

static void deed(struct sim *s, struct host *h)
{
	h->deed_s = 0;
	if (h->life == LIFE_GRANTED) {
		h->life = LIFE_APPLIED;
		s->r.applied++;
		h->counted = true;
		h->deed_s = s->now_s + between(&s->rng, 1, s->w.spec.settle_timeout_s / 2);
	} else if (h->life == LIFE_APPLIED) {
		h->life = h->hurts ? (h->dies ? LIFE_DEAD : LIFE_HURT) : LIFE_SETTLED;
	}
}

/* --- words */

static const int said[] = {
	[LIFE_IDLE] = -1,
	[LIFE_GRANTED] = -1,
	[LIFE_APPLIED] = REPORT_APPLIED,
	[LIFE_SETTLED] = REPORT_SETTLED,
	[LIFE_HURT] = REPORT_FAILED,
	[LIFE_DEAD] = -1,
	[LIFE_BACK] = REPORT_FAILED,
};

static bool is_cut(const struct sim *s, const struct host *h)
{
	return (s->now_s >= h->cut_from_s && s->now_s < h->cut_to_s) ||
	       (s->now_s >= s->down_from_s && s->now_s < s->down_to_s);
}

static void speak(struct sim *s, struct grant_session *session, unsigned i)
{
	struct host *h = &s->hosts[i];
	struct oak_error err = { .code = OAK_OK };
	struct answer a = { 0 };
	struct report r;

	if (is_cut(s, h) || h->off || h->life == LIFE_DEAD || chance(&s->rng, s->w.lost_ppm))
		return;
	world_report(&s->world, i, &r);
	if (said[h->life] >= 0) {
		r.n_results = 1;
		r.results[0].kind = (enum report_result_kind)said[h->life];
		r.results[0].level = 4;
		memcpy(r.results[0].rollout, s->world.rollout, sizeof(s->world.rollout));
	}
	if (h->life == LIFE_IDLE) {
		r.n_asks = 1;
		r.asks[0].level = 4;
		memcpy(r.asks[0].rollout, s->world.rollout, sizeof(s->world.rollout));
	}
	good(grant_session_take(session, &r, &a, &err), &err);
	if (chance(&s->rng, 50000)) { /* it comes twice */
		a = (struct answer){ 0 };
		good(grant_session_take(session, &r, &a, &err), &err);
	}
	report_clear(&r);
	h->said_s = s->fleet_s;
	h->for_s = a.n_grants ? a.grants[0].for_s : 0;
	h->asked_s = s->now_s;
	if (s->take_back && (h->life == LIFE_SETTLED || h->life == LIFE_APPLIED)) {
		h->life = LIFE_BACK;
		h->deed_s = 0;
	}
}

static int next_host(const struct sim *s, int64_t until_s, int64_t *ret_at)
{
	int next = -1;

	*ret_at = until_s;
	for (unsigned i = 0; i < s->w.hosts; i++) {
		const struct host *h = &s->hosts[i];
		int64_t at = h->deed_s && h->deed_s < h->poll_s ? h->deed_s : h->poll_s;

		if (at < *ret_at && h->life != LIFE_DEAD && !h->off) {
			*ret_at = at;
			next = (int)i;
		}
	}
	return next;
}

/* What was answered holds once it is committed. */
static void take_answers(struct sim *s)
{
	for (unsigned i = 0; i < s->w.hosts; i++) {
		struct host *h = &s->hosts[i];
		uint32_t for_s = h->for_s;

		if (h->said_s)
			h->seen_s = h->said_s;
		h->said_s = 0;
		h->for_s = 0;
		if (!for_s)
			continue;
		s->r.after_stop += s->stopped;
		if (h->life != LIFE_IDLE || h->held || chance(&s->rng, s->w.lost_ppm))
			continue;
		h->life = LIFE_GRANTED;
		h->deed_s = h->asked_s + between(&s->rng, 1, for_s);
		if (h->deed_s <= s->now_s)
			h->deed_s = s->now_s + 1;
	}
	look(s);
}

static void forget_answers(struct sim *s)
{
	for (unsigned i = 0; i < s->w.hosts; i++)
		s->hosts[i].said_s = s->hosts[i].for_s = 0;
}

/* All words until @until_s, in one transaction; some are lost with it. */
static void batch(struct sim *s, int64_t until_s)
{
	struct oak_error err = { .code = OAK_OK };
	struct grant_session *session = NULL;
	int64_t at;
	int i = next_host(s, until_s, &at);

	if (i < 0)
		return;
	good(db_begin(s->world.db, &err), &err);
	good(grant_session_begin(s->world.db, world_clock_s, &session, &err), &err);
	for (; i >= 0; i = next_host(s, until_s, &at)) {
		struct host *h = &s->hosts[i];

		s->now_s = at;
		if (h->deed_s && h->deed_s == at)
			deed(s, h);
		else
			h->poll_s = at + s->w.poll_s;
		speak(s, session, (unsigned)i);
		s->r.events++;
	}
	grant_session_end(session);
	s->now_s = until_s;
	if (chance(&s->rng, s->w.lost_ppm / 4)) {
		db_rollback(s->world.db);
		forget_answers(s);
		return;
	}
	good(db_commit(s->world.db, &err), &err);
	take_answers(s);
}

/* --- the server */

static void read_state(struct sim *s)
{
	_cleanup_(json_decrefp) json_t *json = world_get(&s->world);
	const char *phase = json_get_str(json, "phase");
	struct oak_error err = { .code = OAK_OK };
	struct fleet_clock clock;

	for (int p = 0; p < ROLLOUT_PHASES; p++)
		if (strcmp(rollout_phase_name((enum rollout_phase)p), phase) == 0)
			s->r.state.phase = (enum rollout_phase)p;
	s->r.state.stage = (uint32_t)json_integer_value(json_object_get(json, "stage")) - 1;
	s->take_back = json_is_true(json_object_get(json, "take_back"));
	(void)snprintf(s->r.state.why, sizeof(s->r.state.why), "%s", json_get_str(json, "why"));
	s->r.well = (uint32_t)json_integer_value(
		json_object_get(json_object_get(json, "outcomes"), "well"));
	good(fleet_clock_read(s->world.db, world_clock_s, &clock, &err), &err);
	s->fleet_s = clock.fleet_s;
}

static void server_step(struct sim *s)
{
	struct oak_error err = { .code = OAK_OK };

	world_clock_s = BEGIN_S + s->now_s + s->offset_s;
	if (s->now_s >= s->down_from_s && s->now_s < s->down_to_s)
		return;
	if (chance(&s->rng, s->w.lost_ppm / 10))
		world_restart(&s->world);
	if (s->w.stop_s && !s->stopped && s->now_s >= s->w.stop_s &&
	    s->r.state.phase == ROLLOUT_RUNNING) {
		s->stopped = true;
		good(world_command(&s->world, ROLLOUT_STOP, "token:b", &err), &err);
	}
	world_turn(&s->world);
	read_state(s);
}

/* --- one world */

static void make_hosts(struct sim *s)
{
	for (unsigned i = 0; i < s->w.hosts; i++) {
		struct host *h = &s->hosts[i];
		_cleanup_(json_decrefp) json_t *tags = NULL;
		struct oak_error err = { .code = OAK_OK };
		char tag[16];

		h->domain = between(&s->rng, 1, s->w.domains);
		h->off = chance(&s->rng, s->w.off_ppm);
		h->held = chance(&s->rng, s->w.held_ppm);
		h->hurts = s->w.harmful || chance(&s->rng, s->w.bad_ppm);
		h->dies = chance(&s->rng, s->w.dies_ppm);
		if (chance(&s->rng, s->w.cut_ppm)) {
			h->cut_from_s = between(&s->rng, 0, 2 * DAY_S);
			h->cut_to_s = h->cut_from_s + between(&s->rng, 60, DAY_S);
		}
		h->poll_s = between(&s->rng, 1, s->w.poll_s);
		(void)snprintf(tag, sizeof(tag), "az=%u", h->domain);
		tags = json_pack("[s]", tag);
		good(db_begin(s->world.db, &err), &err);
		good(hosts_change(s->world.db, s->world.ids[i], NULL, tags, &err), &err);
		good(db_commit(s->world.db, &err), &err);
	}
}

static void make_rollout(struct sim *s)
{
	struct rollout_document d = { .spec = s->w.spec, .level = 4 };
	_cleanup_(json_decrefp) json_t *json = NULL;
	_cleanup_(freep) char *text = NULL;

	for (size_t i = 0; i < d.spec.n_stages; i++)
		if (!d.spec.stages[i].min_reports)
			d.spec.stages[i].min_reports = 1;
	(void)snprintf(d.name, sizeof(d.name), "seed %" PRIu64, s->w.seed);
	(void)snprintf(d.channel, sizeof(d.channel), "stable");
	(void)snprintf(d.timezone, sizeof(d.timezone), "UTC");
	if (d.spec.spread)
		(void)snprintf(d.spread, sizeof(d.spread), "az");
	if (s->w.window) {
		d.n_windows = 1;
		d.windows[0] = (struct time_window){ .days = 0x7f, .from = 0, .to = 480 };
	}
	json = rollout_document_write(&d);
	text = json_dumps(json, 0);
	EXPECT(text);
	world_clock_s = BEGIN_S;
	world_start(&s->world, text);
	read_state(s);
}

/* What only a server has, in half of the worlds. */
static struct sim_world world_of(uint64_t seed, struct sim *s)
{
	struct sim_world w = sim_world_random(seed);
	uint64_t rng = seed ^ 0x73657276;

	w.hosts = w.hosts % HOSTS + 1;
	if (w.domains > 20)
		w.domains = 20;
	if (w.step_s > STEP_MAX)
		w.step_s = STEP_MAX;
	/* Steps of the fleet's clock are coarse: a word may look that much older. */
	w.spec.silence_s += 2 * STEP_MAX;
	for (size_t i = 0; i < w.spec.n_stages; i++)
		w.spec.stages[i].patience_s += 2 * STEP_MAX;
	if (chance(&rng, 300000)) {
		s->down_from_s = between(&rng, 600, DAY_S);
		s->down_to_s = s->down_from_s + between(&rng, 600, DAY_S);
		w.lost_ppm += 1;
	}
	if (chance(&rng, 200000) && !w.window) {
		s->jump_s = between(&rng, 600, DAY_S);
		w.lost_ppm += 1;
	}
	return w;
}

static void count_stages(struct sim *s)
{
	const struct rollouts_hosts_page page = { .stage = -1, .limit = 1000 };
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(freep) char *next = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *host;
	size_t i;

	good(rollouts_hosts(s->world.db, s->world.rollout, &page, world_clock_s, &list, &next, &err),
	     &err);
	EXPECT(json_array_size(list) == s->w.hosts);
	json_array_foreach(list, i, host) for (unsigned k = 0; k < s->w.hosts;
					       k++) if (strcmp(s->world.ids[k],
							       json_get_str(host, "host")) == 0 &&
							s->hosts[k].counted)
		s->r.in_stage[json_integer_value(json_object_get(host, "stage")) - 1]++;
}

static void run(struct sim *s)
{
	int64_t over = 0;

	world_clock_s = BEGIN_S - 3600;
	world_begin(&s->world, s->w.hosts);
	make_hosts(s);
	make_rollout(s);
	while (s->now_s < LIMIT_S && !(over && s->now_s > over + DAY_S / 4)) {
		if (s->jump_s && s->now_s >= s->jump_s) {
			s->offset_s = chance(&s->rng, 500000) ? 400 * DAY_S : -DAY_S;
			s->jump_s = 0;
		}
		batch(s, s->now_s + s->w.step_s);
		s->now_s += s->w.step_s - s->now_s % s->w.step_s;
		server_step(s);
		if (!over && s->r.state.phase != ROLLOUT_RUNNING)
			over = s->now_s;
	}
	s->r.stuck = !over;
	s->r.end_s = over;
	count_stages(s);
	world_end(&s->world);
}

static uint32_t from_environment(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);
	uint32_t n = 0;

	for (; text && *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (uint32_t)(*text - '0');
	return n ? n : otherwise;
}

/* Each step is on disk before it counts; a simulation of months has no need of a disk. */
static __attribute__((constructor)) void stay_in_memory(void)
{
	struct stat st;

	if (stat("/dev/shm", &st) == 0 && S_ISDIR(st.st_mode))
		(void)setenv("TMPDIR", "/dev/shm", 1);
}

TEST(policy_holds_through_the_database)
{
	/* There each step is a word to another process, and on its disk. */
	uint32_t usual = getenv("OAKUM_TEST_POSTGRES") ? 1 : 10;
	uint32_t one = from_environment("ROLLOUT_SEED", 0);
	uint32_t runs = one ? 1 : from_environment("ROLLOUT_RUNS", usual), bad = 0;
	uint32_t phases[ROLLOUT_PHASES] = { 0 };

	for (uint32_t i = 0; i < runs && bad < 3; i++) {
		_cleanup_(freep) struct sim *s = calloc(1, sizeof(*s));
		const char *broken;

		EXPECT(s);
		s->w = world_of(one ? one : 1 + i, s);
		s->rng = s->w.seed ^ 0x6f616b756d;
		run(s);
		phases[s->r.state.phase]++;
		broken = sim_broken(&s->w, &s->r);
		if (broken || one)
			sim_print(&s->w, &s->r, broken);
		bad += broken != NULL;
	}
	(void)fprintf(stderr, "# %u rollouts: %u completed, %u halted, %u paused\n", runs,
		      phases[ROLLOUT_COMPLETED], phases[ROLLOUT_HALTED], phases[ROLLOUT_PAUSED]);
	EXPECT(bad == 0);
}
