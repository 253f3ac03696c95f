/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollout-tally.h"

#include <stdio.h>

/*
 * $2: a host whose last word is older is silent; $3: the first stage that is watched. The classes
 * are enum rollout_outcome: 1 to 3 granted, soaking, held; 4 well. "class > 0" is the index's own
 * condition.
 */
static const struct db_statement tally = {
	"rollout-tally",
	"SELECT c.stage, c.class, c.n, CASE WHEN c.n > 0 AND (c.class BETWEEN 1 AND 3 OR "
	"(c.class = 4 AND c.stage >= $3)) THEN (SELECT count(*) FROM rollout_hosts h WHERE "
	"h.rollout = c.rollout AND h.stage = c.stage AND h.class = c.class AND h.class > 0 AND "
	"h.seen_s < $2) ELSE 0 END FROM rollout_counts c WHERE c.rollout = $1",
	NULL
};

static const struct db_statement parts = {
	"rollout-parts",
	"SELECT p.rollout, p.place, p.stage, p.rank, p.domain, p.class, p.report, p.granted_s, "
	"p.applied_s, p.seen_s, p.transition_ms, p.gap_us, p.why FROM rollouts r JOIN rollout_hosts p "
	"ON p.rollout = r.number AND p.host = $1 WHERE r.live = 1 ORDER BY r.number",
	NULL
};

static const struct db_statement add_part = {
	"rollout-part-add",
	"INSERT INTO rollout_hosts (host, rollout, place, stage, rank, domain, class, report, "
	"granted_s, applied_s, seen_s, transition_ms, gap_us, why) VALUES ($1, $2, $3, $4, $5, $6, "
	"0, 0, 0, 0, 0, 0, 0, '')",
	NULL
};

static const struct db_statement save_part = {
	"rollout-part-save",
	"UPDATE rollout_hosts SET class = $3, report = $4, granted_s = $5, applied_s = $6, "
	"seen_s = $7, transition_ms = $8, gap_us = $9, why = $10 WHERE host = $1 AND rollout = $2",
	NULL
};

static const struct db_statement add_count = {
	"rollout-count-add",
	"INSERT INTO rollout_counts (rollout, stage, class, n) VALUES ($1, $2, $3, $4) "
	"ON CONFLICT (rollout, stage, class) DO UPDATE SET n = rollout_counts.n + excluded.n",
	NULL
};

/* As the tally: 1 and 2 are in flight, and whoever is silent stands in the way as well. */
static const struct db_statement domain_count = {
	"rollout-domain-count",
	"SELECT (SELECT count(*) FROM rollout_hosts WHERE rollout = $1 AND domain = $2 AND "
	"domain > 0 AND class IN (1, 2)) + (SELECT count(*) FROM rollout_hosts WHERE rollout = $1 "
	"AND domain = $2 AND domain > 0 AND class = 3 AND seen_s < $3) + (SELECT count(*) FROM "
	"rollout_hosts WHERE rollout = $1 AND domain = $2 AND domain > 0 AND class = 4 AND "
	"seen_s < $3 AND stage >= $4)",
	NULL
};

bool rollout_watches(const struct rollout_row *row, uint32_t stage)
{
	return stage >= row->state.stage && row->state.phase != ROLLOUT_COMPLETED;
}

static int64_t first_watched(const struct rollout_row *row)
{
	return row->state.phase == ROLLOUT_COMPLETED ? ROLLOUT_STAGES_MAX + 1
						     : (int64_t)row->state.stage;
}

struct tally_ctx {
	struct rollout_tallies *ret;
};

static int take_tally(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct rollout_tallies *t = ((struct tally_ctx *)ctx)->ret;
	int64_t stage = db_row_int(row, 0), class = db_row_int(row, 1);
	uint32_t n = (uint32_t)db_row_int(row, 2), silent = (uint32_t)db_row_int(row, 3);

	if (stage < 0 || stage > ROLLOUT_STAGES_MAX || class < 0 || class >= ROLLOUT_OUTCOMES ||
	    silent > n)
		return oak_fail(err, OAK_E_FAILED, "rollout_counts does not fit rollout_hosts");
	t->stage[stage].hosts += n;
	t->stage[stage].n[class] += n - silent;
	t->stage[stage].n[ROLLOUT_SILENT] += silent;
	return 0;
}

int rollout_tallies_read(struct db *db, const struct rollout_row *row, int64_t fleet_s,
			 struct rollout_tallies *ret, struct oak_error *err)
{
	const struct db_value args[] = { db_int(row->number),
					 db_int(fleet_s - row->doc.spec.silence_s),
					 db_int(first_watched(row)) };
	int64_t n;

	*ret = (struct rollout_tallies){ 0 };
	n = db_query(db, &tally, args, 3, take_tally, &(struct tally_ctx){ ret }, err);
	return n < 0 ? (int)n : 0;
}

struct rollout_tally rollout_tallies_sum(const struct rollout_row *row,
					 const struct rollout_tallies *t)
{
	struct rollout_tally all = { 0 };

	for (size_t i = 0; i <= row->doc.spec.n_stages; i++) {
		all.hosts += t->stage[i].hosts;
		for (int o = 0; o < ROLLOUT_OUTCOMES; o++)
			all.n[o] += t->stage[i].n[o];
	}
	return all;
}

enum rollout_outcome rollout_class(const struct rollout_spec *spec, const struct rollout_host *h)
{
	return rollout_outcome(spec, h, false, h->seen_s);
}

struct parts_ctx {
	struct rollout_part *ret;
	size_t n, max;
};

static int take_part(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct parts_ctx *c = ctx;
	struct rollout_part *p = &c->ret[c->n];

	if (c->n == c->max)
		return 1;
	*p = (struct rollout_part){
		.rollout = db_row_int(row, 0),
		.rank = (uint32_t)db_row_int(row, 3),
		.class = (enum rollout_outcome)db_row_int(row, 5),
		.host = { .place = (uint64_t)db_row_int(row, 1),
			  .stage = (uint16_t)db_row_int(row, 2),
			  .domain = (uint32_t)db_row_int(row, 4),
			  .report = (uint16_t)db_row_int(row, 6),
			  .granted_s = db_row_int(row, 7),
			  .applied_s = db_row_int(row, 8),
			  .seen_s = db_row_int(row, 9),
			  .transition_ms = (uint32_t)db_row_int(row, 10),
			  .gap_us = (uint32_t)db_row_int(row, 11) },
	};
	(void)snprintf(p->why, sizeof(p->why), "%s", db_row_text(row, 12));
	c->n++;
	return 0;
}

int rollout_parts_read(struct db *db, const char *host, struct rollout_part *ret, size_t max,
		       struct oak_error *err)
{
	struct parts_ctx ctx = { .ret = ret, .max = max };
	const struct db_value arg = db_text(host);
	int64_t n = db_query(db, &parts, &arg, 1, take_part, &ctx, err);

	return n < 0 ? (int)n : (int)ctx.n;
}

int rollout_count_add(struct db *db, int64_t rollout, uint32_t stage, enum rollout_outcome class,
		      int64_t n, struct oak_error *err)
{
	const struct db_value args[] = { db_int(rollout), db_int(stage), db_int(class), db_int(n) };
	int64_t r = db_run(db, &add_count, args, 4, err);

	return r < 0 ? (int)r : 0;
}

int rollout_part_add(struct db *db, const char *host, const struct rollout_part *p,
		     struct oak_error *err)
{
	const struct db_value args[] = { db_text(host),         db_int(p->rollout),
					 db_int(p->host.place), db_int(p->host.stage),
					 db_int(p->rank),       db_int(p->host.domain) };
	int64_t r = db_run(db, &add_part, args, 6, err);

	return r < 0 ? (int)r : 0;
}

int rollout_part_save(struct db *db, const char *host, const struct rollout_part *p,
		      enum rollout_outcome before, struct oak_error *err)
{
	const struct rollout_host *h = &p->host;
	const struct db_value args[] = { db_text(host),        db_int(p->rollout),
					 db_int(p->class),     db_int(h->report),
					 db_int(h->granted_s), db_int(h->applied_s),
					 db_int(h->seen_s),    db_int(h->transition_ms),
					 db_int(h->gap_us),    db_text(p->why) };
	int64_t n = db_run(db, &save_part, args, 10, err);
	int r = n < 0 ? (int)n : 0;

	if (r == 0 && p->class != before) {
		r = rollout_count_add(db, p->rollout, h->stage, before, -1, err);
		if (r == 0)
			r = rollout_count_add(db, p->rollout, h->stage, p->class, 1, err);
	}
	return r;
}

static int take_count(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(uint32_t *)ctx = (uint32_t)db_row_int(row, 0);
	return 0;
}

int rollout_domain_count(struct db *db, const struct rollout_row *row, uint32_t domain,
			 int64_t fleet_s, uint32_t *ret, struct oak_error *err)
{
	const struct db_value args[] = { db_int(row->number), db_int(domain),
					 db_int(fleet_s - row->doc.spec.silence_s),
					 db_int(first_watched(row)) };
	int64_t n = db_query(db, &domain_count, args, 4, take_count, ret, err);

	return n < 0 ? (int)n : 0;
}
