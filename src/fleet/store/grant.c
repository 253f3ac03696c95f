/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a report says and asks of rollouts. A session holds the live rollouts' rows locked, so of
 * two servers one grants at a time, and what it counted is so until its transaction ends. Rollouts are
 * locked before anything else, and in one order: nobody waits for somebody who waits for him.
 */
#include "fleet/store/rollouts.h"

#include <stdio.h>
#include <string.h>

#include "fleet/store/fleet-clock.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollout-tally.h"
#include "trust/fleet/decision.h"

#define AGAIN_SOON_S  300
#define AGAIN_LATER_S 3600

/* One live rollout, and what was counted of it; @counted: its tallies are read, and kept up. */
struct seat {
	struct rollout_row *row;
	bool counted;
	struct rollout_tallies tallies;
	bool looked; /* at the windows */
	bool window_open;
};

struct grant_session {
	struct db *db;
	int64_t now_s; /* of the wall */
	struct fleet_clock clock;
	struct rollout_rows rows;
	struct seat *seats;
};

/* One report. */
struct word {
	struct grant_session *s;
	const struct report *r;
	struct rollout_part parts[ROLLOUTS_LIVE];
	size_t n_parts;
	struct answer *answer;
};

void grant_session_end(struct grant_session *s)
{
	if (!s)
		return;
	rollout_rows_clear(&s->rows);
	free(s->seats);
	free(s);
}

DEFINE_CLEANUP(struct grant_session *, grant_session_end)

int grant_session_begin(struct db *db, int64_t now_s, struct grant_session **ret,
			struct oak_error *err)
{
	_cleanup_(grant_session_endp) struct grant_session *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->db = db;
	s->now_s = now_s;
	r = rollout_rows_live(db, true, &s->rows, err);
	if (r == 0)
		r = fleet_clock_read(db, now_s, &s->clock, err);
	if (r < 0)
		return r;
	s->seats = calloc(s->rows.n + 1, sizeof(*s->seats));
	if (!s->seats)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < s->rows.n; i++)
		s->seats[i].row = &s->rows.rows[i];
	*ret = take_ptr(s);
	return 0;
}

static struct seat *seat_of(struct grant_session *s, int64_t number)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (s->seats[i].row->number == number && s->seats[i].row->assigned)
			return &s->seats[i];
	return NULL;
}

static struct seat *seat_by_id(struct grant_session *s, const char *id)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (strcmp(s->seats[i].row->id, id) == 0 && s->seats[i].row->assigned)
			return &s->seats[i];
	return NULL;
}

static enum rollout_outcome outcome_now(const struct grant_session *s, const struct seat *seat,
					const struct rollout_part *p)
{
	return rollout_outcome(&seat->row->doc.spec, &p->host,
			       rollout_watches(seat->row, p->host.stage), s->clock.fleet_s);
}

/* Stores what has become of @p, which was @before; the tally goes along. */
static int save(struct grant_session *s, struct seat *seat, const char *host,
		struct rollout_part *p, const struct rollout_part *before, struct oak_error *err)
{
	struct rollout_tally *t = &seat->tallies.stage[p->host.stage];

	p->class = rollout_class(&seat->row->doc.spec, &p->host);
	if (seat->counted) {
		t->n[outcome_now(s, seat, before)]--;
		t->n[outcome_now(s, seat, p)]++;
	}
	return rollout_part_save(s->db, host, p, before->class, err);
}

/* --- what is told */

static const uint16_t said[] = {
	[REPORT_APPLIED] = ROLLOUT_REPORT_APPLIED,
	[REPORT_SETTLED] = ROLLOUT_REPORT_SETTLED,
	[REPORT_FAILED] = ROLLOUT_REPORT_FAILED,
};

/*
 * Results only get on: one that was lost and comes late takes nothing back. Who has begun without a
 * grant (its patience was over, or a person did it) counts like all others.
 */
static void take_result(const struct report_result *result, int64_t fleet_s, struct rollout_part *p)
{
	struct rollout_host *h = &p->host;

	if (!h->granted_s)
		h->granted_s = fleet_s;
	if (!h->applied_s && said[result->kind] != ROLLOUT_REPORT_FAILED)
		h->applied_s = fleet_s;
	if (said[result->kind] > h->report) {
		h->report = said[result->kind];
		(void)snprintf(p->why, sizeof(p->why), "%s", result->why);
	}
	if (result->transition_ms > h->transition_ms)
		h->transition_ms = result->transition_ms;
	if (result->gap_us > h->gap_us)
		h->gap_us = result->gap_us;
}

/*
 * Does the host have the level, or a higher one, and is content with it? Whoever has it from before (an
 * earlier rollout, a person) never asks for it: it is done, and no stage waits for it.
 */
static bool has_settled(const struct report *r, const struct seat *seat)
{
	const json_t *level = json_object_get(seat->row->levels, r->build_id);

	return level && json_integer_value(level) <= (json_int_t)r->level &&
	       strcmp(r->state, "settled") == 0;
}

/* A host that may still be missed, or that has something new to say. */
static int hear(struct word *w, struct rollout_part *p, struct oak_error *err)
{
	struct grant_session *s = w->s;
	struct seat *seat = seat_of(s, p->rollout);
	const struct report_result settled = { .kind = REPORT_SETTLED };
	const struct rollout_part before = *p;

	if (!seat)
		return 0;
	for (size_t i = 0; i < w->r->n_results; i++)
		if (strcmp(w->r->results[i].rollout, seat->row->id) == 0)
			take_result(&w->r->results[i], s->clock.fleet_s, p);
	if (p->host.report != ROLLOUT_REPORT_SETTLED && has_settled(w->r, seat))
		take_result(&settled, s->clock.fleet_s, p);
	p->host.seen_s = s->clock.fleet_s;
	if (!p->host.granted_s || p->host.seen_s < before.host.seen_s)
		return 0;
	if (memcmp(&p->host, &before.host, sizeof(before.host)) == 0)
		return 0;
	/* Of these nobody asks any more when they spoke last. */
	if (p->host.report == before.host.report && before.class == ROLLOUT_FAILED)
		return 0;
	if (p->host.report == before.host.report && before.class == ROLLOUT_WELL &&
	    !rollout_watches(seat->row, p->host.stage))
		return 0;
	return save(s, seat, w->r->host, p, &before, err);
}

/* --- what is asked */

__attribute__((format(printf, 4, 5))) static int refuse(struct word *w,
							const struct report_ask *ask,
							uint32_t again_s, const char *fmt, ...)
{
	struct answer_refusal *no = &w->answer->refused[w->answer->n_refused];
	va_list args;

	if (w->answer->n_refused == REPORT_ASKS_MAX)
		return 0;
	memcpy(no->rollout, ask->rollout, sizeof(no->rollout));
	no->again_s = again_s;
	va_start(args, fmt);
	(void)vsnprintf(no->why, sizeof(no->why), fmt, args);
	va_end(args);
	w->answer->n_refused++;
	return 0;
}

static int window(struct grant_session *s, struct seat *seat, struct oak_error *err)
{
	const struct rollout_document *d = &seat->row->doc;
	_cleanup_(zone_freep) struct zone *z = NULL;
	int r = 0;

	if (seat->looked)
		return 0;
	if (d->n_windows)
		r = zone_open(d->timezone, &z, err);
	/* Without its zone a window is not known, and so not open. */
	seat->window_open = r == 0 && windows_open(d->windows, d->n_windows,
						   s->now_s + zone_offset(z, s->now_s));
	seat->looked = true;
	return r == -OAK_E_NOMEM ? r : 0;
}

static int count(struct grant_session *s, struct seat *seat, struct oak_error *err)
{
	int r = 0;

	if (!seat->counted)
		r = rollout_tallies_read(s->db, seat->row, s->clock.fleet_s, &seat->tallies, err);
	seat->counted = r == 0;
	return r;
}

/* Came, or became one of those that are meant, after the rollout began: the last stage takes it. */
static int join(struct word *w, struct seat *seat, struct rollout_part **ret, struct oak_error *err)
{
	const struct rollout_document *d = &seat->row->doc;
	uint16_t last = (uint16_t)(d->spec.n_stages - 1);
	struct rollout_part *p = &w->parts[w->n_parts];
	struct store_host host;
	int r;

	*ret = NULL;
	if (w->n_parts == ROLLOUTS_LIVE)
		return 0;
	r = hosts_find(w->s->db, w->r->host, &host, err);
	if (r < 0)
		return r;
	if (!rollout_document_fits(d, &(struct rollout_who){ host.ring, w->r->build_id, w->r->os_id,
							     w->r->os_version, host.tags }))
		return 0;
	if (d->spec.stages[last].kind == ROLLOUT_STAGE_TAG &&
	    !rollout_has_tag(host.tags, d->stage_tag[last]))
		last++;
	*p = (struct rollout_part){ .rollout = seat->row->number,
				    .rank = seat->tallies.stage[last].hosts,
				    .host = { .place = decision_place(seat->row->id, w->r->host),
					      .stage = last,
					      .domain = rollout_domain(d, host.tags) } };
	r = rollout_part_add(w->s->db, w->r->host, p, err);
	if (r == 0)
		r = rollout_count_add(w->s->db, p->rollout, last, ROLLOUT_WAITING, 1, err);
	if (r < 0)
		return r;
	seat->tallies.stage[last].hosts++;
	seat->tallies.stage[last].n[ROLLOUT_WAITING]++;
	w->n_parts++;
	*ret = p;
	return 0;
}

/* For people; the engine has decided already. In the order in which it asks. */
static int explain(struct word *w, const struct report_ask *ask, const struct seat *seat,
		   const struct rollout_ask *a)
{
	const struct rollout_row *row = seat->row;
	uint32_t flying = rollout_in_flight(a->all);
	bool running = row->state.phase == ROLLOUT_RUNNING;

	if (a->stage >= row->doc.spec.n_stages)
		return refuse(w, ask, AGAIN_LATER_S, "no stage of the rollout takes this host");
	if (running && (a->stage > row->state.stage || a->rank >= row->state.allowed[a->stage]))
		return refuse(w, ask, AGAIN_SOON_S,
			      "its turn comes later: it is in stage %u, and stage %u of %zu is open",
			      a->stage + 1, row->state.stage + 1, row->doc.spec.n_stages);
	if (running && a->held)
		return refuse(w, ask, AGAIN_LATER_S,
			      "it was granted before and did not come to it; it may again once the "
			      "rollout is completed");
	if (!a->window_open)
		return refuse(w, ask, AGAIN_SOON_S, "outside of the windows \"%s\" (%s)",
			      json_string_value(json_object_get(row->doc.json, "windows")),
			      row->doc.timezone);
	if (flying >= row->doc.spec.max_in_flight)
		return refuse(w, ask, AGAIN_SOON_S, "%u hosts are in flight, %u may be", flying,
			      row->doc.spec.max_in_flight);
	if (row->doc.spec.spread && a->in_domain)
		return refuse(w, ask, AGAIN_SOON_S, "another host of its %s is not done",
			      row->doc.spread);
	return refuse(w, ask, AGAIN_LATER_S, "%u hosts have failed", rollout_failed(a->all));
}

static int give(struct word *w, const struct report_ask *ask, uint32_t for_s)
{
	struct answer_grant *yes = &w->answer->grants[w->answer->n_grants];

	if (w->answer->n_grants == REPORT_ASKS_MAX)
		return 0;
	memcpy(yes->rollout, ask->rollout, sizeof(yes->rollout));
	yes->level = ask->level;
	yes->for_s = for_s;
	w->answer->n_grants++;
	return 0;
}

/* The answer was lost: what is left of the same grant. */
static int give_again(struct word *w, const struct report_ask *ask, const struct seat *seat,
		      const struct rollout_part *p)
{
	int64_t left =
		p->host.granted_s + seat->row->doc.spec.grant_timeout_s / 2 - w->s->clock.fleet_s;

	if (left > 0)
		return give(w, ask, (uint32_t)left);
	return refuse(w, ask, AGAIN_SOON_S, "its grant is over");
}

static int try(struct word *w, const struct report_ask *ask, struct seat *seat,
	       struct rollout_part *p, struct oak_error *err)
{
	const struct rollout_tally all = rollout_tallies_sum(seat->row, &seat->tallies);
	struct rollout_ask a = { .stage = p->host.stage,
				 .rank = p->rank,
				 .all = &all,
				 .held = p->class == ROLLOUT_HELD,
				 .window_open = seat->window_open,
				 .now_s = w->s->clock.fleet_s };
	const struct rollout_part before = *p;
	int r = 0;

	if (seat->row->doc.spec.spread && p->host.domain)
		r = rollout_domain_count(w->s->db, seat->row, p->host.domain, a.now_s, &a.in_domain,
					 err);
	if (r < 0)
		return r;
	if (!rollout_grants(&seat->row->doc.spec, &seat->row->state, &a))
		return explain(w, ask, seat, &a);
	p->host.granted_s = p->host.seen_s = a.now_s;
	r = save(w->s, seat, w->r->host, p, &before, err);
	return r < 0 ? r : give(w, ask, seat->row->doc.spec.grant_timeout_s / 2);
}

/* Is the rollout one that says yes to anybody, and to this level on this kernel? */
static bool is_asked_rightly(struct word *w, const struct report_ask *ask, const struct seat *seat)
{
	const json_t *level;

	if (w->s->clock.stop_why[0]) {
		(void)refuse(w, ask, AGAIN_SOON_S, "stopped for all: %s", w->s->clock.stop_why);
		return false;
	}
	if (!seat) {
		(void)refuse(w, ask, AGAIN_LATER_S, "there is no such rollout, or it is over");
		return false;
	}
	level = json_object_get(seat->row->levels, w->r->build_id);
	if (!level || json_integer_value(level) != (json_int_t)ask->level) {
		(void)refuse(w, ask, AGAIN_LATER_S, "the rollout is not of level %u of this kernel",
			     ask->level);
		return false;
	}
	if (seat->row->state.phase != ROLLOUT_RUNNING &&
	    seat->row->state.phase != ROLLOUT_COMPLETED) {
		(void)refuse(w, ask, AGAIN_SOON_S, "the rollout is %s: %s",
			     rollout_phase_name(seat->row->state.phase), seat->row->state.why);
		return false;
	}
	return true;
}

static int answer_ask(struct word *w, const struct report_ask *ask, struct oak_error *err)
{
	struct seat *seat = seat_by_id(w->s, ask->rollout);
	struct rollout_part *p = NULL;
	int r;

	if (!is_asked_rightly(w, ask, seat))
		return 0;
	r = count(w->s, seat, err);
	if (r == 0)
		r = window(w->s, seat, err);
	for (size_t i = 0; i < w->n_parts && !p; i++)
		if (w->parts[i].rollout == seat->row->number)
			p = &w->parts[i];
	if (r == 0 && !p)
		r = join(w, seat, &p, err);
	if (r < 0)
		return r;
	if (!p)
		return refuse(w, ask, AGAIN_LATER_S, "the rollout is not meant for this host");
	if (p->class == ROLLOUT_GRANTED)
		return give_again(w, ask, seat, p);
	if (p->class != ROLLOUT_WAITING && p->class != ROLLOUT_HELD)
		return refuse(w, ask, AGAIN_LATER_S, "it has had this level: %s",
			      rollout_outcome_name(p->class));
	return try(w, ask, seat, p, err);
}

int grant_session_take(struct grant_session *s, const struct report *r, struct answer *answer,
		       struct oak_error *err)
{
	_cleanup_(freep) struct word *w = calloc(1, sizeof(*w));
	int n = 0;

	if (!w)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*w = (struct word){ .s = s, .r = r, .answer = answer };
	if (s->rows.n)
		n = rollout_parts_read(s->db, r->host, w->parts, ROLLOUTS_LIVE, err);
	if (n < 0)
		return n;
	w->n_parts = (size_t)n;
	for (size_t i = 0; i < w->n_parts; i++) {
		n = hear(w, &w->parts[i], err);
		if (n < 0)
			return n;
	}
	for (size_t i = 0; i < r->n_asks; i++) {
		n = answer_ask(w, &r->asks[i], err);
		if (n < 0)
			return n;
	}
	return 0;
}
