/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rollouts in every phase, played by the director itself over hosts that ask and tell. With few hosts some
 * have none, and are halted at once: so it is with an empty ring.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/rollouts.h"
#include "seed.h"
#include "trust/key.h"

#define MINUTE INT64_C(60)
#define ASKING 400 /* hosts of a stage that speak, at most */

/* The director's clock; a program of its own needs no more than one. */
static int64_t wall_s;

static int64_t wall(void)
{
	return wall_s;
}

struct play {
	struct seed *s;
	struct fleet fleet;
	struct server_settings set;
	struct tuf_key *key;
	char id[17];
	const char *build_id;
	uint32_t level;
};

static int turns(struct play *p, unsigned n, struct oak_error *err)
{
	int r = 0;

	for (; n > 0 && r == 0; n--) {
		wall_s += MINUTE;
		r = director_turn(&p->fleet, p->s->db, err);
	}
	return r;
}

static int command(struct play *p, enum rollout_command c, const char *who, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	int r = db_begin(p->s->db, err);

	if (r == 0)
		r = rollouts_command(p->s->db, p->id, c, who, wall_s, &json, err);
	if (r == 0)
		r = db_commit(p->s->db, err);
	if (r < 0)
		db_rollback(p->s->db);
	return r;
}

static int create(struct play *p, const char *name, unsigned kernel, const char *rest,
		  struct oak_error *err)
{
	const struct seed_kernel *k = &seed_kernels[kernel];
	_cleanup_(json_decrefp) json_t *spec = json_loads(rest, 0, NULL), *made = NULL;
	json_t *where = json_object_get(spec, "where");
	int r = db_begin(p->s->db, err);

	p->build_id = k->build_id;
	p->level = k->newest;
	if (!where) {
		where = json_object();
		(void)json_object_set_new(spec, "where", where);
	}
	(void)json_object_set_new(where, "kernels", json_pack("[s]", k->build_id));
	(void)json_object_set_new(spec, "level", json_integer(k->newest));
	(void)json_object_set_new(spec, "name", json_string(name));
	if (r == 0)
		r = rollouts_create(p->s->db, spec, "token:ci", wall_s, &made, err);
	if (r == 0)
		r = db_commit(p->s->db, err);
	if (r < 0)
		db_rollback(p->s->db);
	else
		(void)snprintf(p->id, sizeof(p->id), "%s", json_get_str(made, "id"));
	return r;
}

static int start(struct play *p, struct oak_error *err)
{
	int r = command(p, ROLLOUT_SUBMIT, "token:ci", err);

	if (r == 0)
		r = command(p, ROLLOUT_START, "user:ada", err);
	return r == 0 ? turns(p, 3, err) : r;
}

/* Of @what: 'a' asks; 's' settled, 'p' applied, 'f' failed. */
static int speak(struct play *p, struct grant_session *g, const char *host, char what, uint32_t n,
		 struct oak_error *err)
{
	struct answer a = { .sequence = 1 };
	struct report r = { .sequence = 1, .level = what == 's' || what == 'p' ? p->level : 0 };

	(void)snprintf(r.host, sizeof(r.host), "%s", host);
	(void)snprintf(r.build_id, sizeof(r.build_id), "%s", p->build_id);
	if (what == 'a') {
		r.n_asks = 1;
		r.asks[0].level = p->level;
		memcpy(r.asks[0].rollout, p->id, sizeof(p->id));
		return grant_session_take(g, &r, &a, err);
	}
	r.n_results = 1;
	r.results[0].level = p->level;
	r.results[0].kind = what == 's'   ? REPORT_SETTLED
			    : what == 'p' ? REPORT_APPLIED
					  : REPORT_FAILED;
	r.results[0].transition_ms = 400 + n % 3000;
	r.results[0].gap_us = 90 + n % 700;
	memcpy(r.results[0].rollout, p->id, sizeof(p->id));
	if (what == 'f')
		(void)snprintf(r.results[0].why, sizeof(r.results[0].why), "%s",
			       seed_text(p->s, n, "kworker/3:2 does not leave vfs_read"));
	return grant_session_take(g, &r, &a, err);
}

/* The hosts of @stage (-1: any) with @outcome speak: of 100 so many as @failed fail, @quiet say nothing, the others @what. */
static int all_speak(struct play *p, int stage, const char *outcome, char what, unsigned failed,
		     unsigned quiet, struct oak_error *err)
{
	const struct rollouts_hosts_page page = { .outcome = outcome,
						  .stage = stage,
						  .limit = ASKING };
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(freep) char *next = NULL;
	struct grant_session *g = NULL;
	const json_t *host;
	size_t i;
	int r = rollouts_hosts(p->s->db, p->id, &page, wall_s, &list, &next, err);

	if (r == 0)
		r = db_begin(p->s->db, err);
	if (r < 0)
		return r;
	r = grant_session_begin(p->s->db, wall_s, &g, err);
	json_array_foreach(list, i, host)
	{
		unsigned dice = seed_random((uint32_t)i, 500) % 100;
		char says = what;

		if (dice < failed)
			says = 'f';

		if (r == 0 && (dice >= failed + quiet || dice < failed))
			r = speak(p, g, json_get_str(host, "host"), says, (uint32_t)i, err);
	}
	if (g)
		grant_session_end(g);
	if (r == 0)
		r = db_commit(p->s->db, err);
	if (r < 0)
		db_rollback(p->s->db);
	return r;
}

/* Whoever may ask asks. */
static int ask(struct play *p, unsigned stages, struct oak_error *err)
{
	int r = 0;

	for (unsigned i = 0; i < stages && r == 0; i++)
		r = all_speak(p, (int)i, "waiting", 'a', 0, 0, err);
	return r;
}

/* Stages go well until so many rounds are over: in each, hosts ask, apply and settle, and the stage soaks. */
static int rounds(struct play *p, unsigned n, unsigned stages, unsigned failed,
		  struct oak_error *err)
{
	int r = 0;

	for (; n > 0 && r == 0; n--) {
		r = ask(p, stages, err);
		if (r == 0)
			r = all_speak(p, -1, "granted", 's', failed, 0, err);
		if (r == 0)
			r = turns(p, 4, err);
	}
	return r;
}

#define QUICK "\"soak\": \"1m\""

static int completed(struct play *p, struct oak_error *err)
{
	int r = create(p, seed_text(p->s, 0, "CVE-2025-22441 on edge"), 2,
		       "{\"max_in_flight\": 5000, \"where\": {\"rings\": [\"canary\"]},"
		       " \"stages\": [{\"percent\": 100, " QUICK "}]}",
		       err);

	if (r == 0)
		r = start(p, err);
	return r == 0 ? rounds(p, 8, 1, 0, err) : r;
}

static int halted(struct play *p, struct oak_error *err)
{
	int r = create(p, seed_text(p->s, 1, "CVE-2026-26107 for bookworm"), 1,
		       "{\"max_in_flight\": 500, \"where\": {\"rings\": [\"early\"]},"
		       " \"stages\": [{\"percent\": 20, " QUICK "}, {\"percent\": 100, " QUICK "}],"
		       " \"budget\": {\"failed\": 2, \"action\": \"stop\"}}",
		       err);

	if (r == 0)
		r = start(p, err);
	return r == 0 ? rounds(p, 3, 2, 30, err) : r;
}

static int paused(struct play *p, struct oak_error *err)
{
	int r = create(
		p, seed_text(p->s, 2, "edge, one zone after the other"), 0,
		"{\"max_in_flight\": 40, \"where\": {\"rings\": [\"edge\"]}, \"spread\": \"az\","
		" \"stages\": [{\"count\": 1, " QUICK "}, {\"percent\": 100}]}",
		err);

	if (r == 0)
		r = start(p, err);
	if (r == 0)
		r = rounds(p, 2, 2, 0, err);
	return r == 0 ? command(p, ROLLOUT_PAUSE, "user:ada", err) : r;
}

static int running(struct play *p, struct oak_error *err)
{
	int r = create(p, seed_text(p->s, 4, "CVE-2026-31180 in production"), 0,
		       "{\"max_in_flight\": 120, \"where\": {\"rings\": [\"production\"]},"
		       " \"stages\": [{\"count\": 5, " QUICK "}, {\"percent\": 10, " QUICK "},"
		       " {\"percent\": 100}], \"budget\": {\"failed\": 20}}",
		       err);

	if (r == 0)
		r = start(p, err);
	if (r == 0)
		r = rounds(p, 5, 3, 1, err);
	if (r == 0)
		r = ask(p, 3, err);
	if (r == 0)
		r = all_speak(p, -1, "granted", 'p', 1, 40, err);
	return r == 0 ? turns(p, 1, err) : r;
}

/* Those that have no hosts yet. */
static int waiting(struct play *p, struct oak_error *err)
{
	int r = create(p, seed_text(p->s, 3, "bullseye, at night"), 3,
		       "{\"windows\": \"Mon-Fri 22:00-04:00\", \"timezone\": \"Europe/Berlin\"}",
		       err);

	if (r == 0)
		r = create(p, seed_text(p->s, 6, "trixie, with four eyes"), 2,
			   "{\"approval\": true}", err);
	if (r == 0)
		r = command(p, ROLLOUT_SUBMIT, "token:ci", err);
	if (r == 0)
		r = create(p, seed_text(p->s, 7, "cloud kernels"), 4, "{}", err);
	if (r == 0)
		r = command(p, ROLLOUT_SUBMIT, "token:ci", err);
	if (r == 0)
		r = create(p, seed_text(p->s, 9, "thought better of"), 4, "{}", err);
	return r == 0 ? command(p, ROLLOUT_CANCEL, "user:grace", err) : r;
}

int seed_rollouts(struct seed *s, struct oak_error *err)
{
	static int (*const plays[])(struct play * p, struct oak_error * err) = {
		completed, halted, paused, running, waiting,
	};
	struct play p = { .s = s };
	int r = tuf_key_generate(&p.key, err);

	wall_s = s->now_s - 180 * MINUTE;
	p.set = (struct server_settings){ .poll_s = 3600, .report_s = 14400, .decision_s = 172800 };
	p.fleet = (struct fleet){
		.settings = &p.set, .key = p.key, .shelf = shelf_new(), .now_s = wall
	};
	if (r == 0)
		r = turns(&p, 1, err);
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]) && r == 0; i++)
		r = plays[i](&p, err);
	shelf_free(p.fleet.shelf);
	tuf_key_free(p.key);
	return r;
}
