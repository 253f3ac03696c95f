/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollout-assign.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/store/fleet-clock.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollout-say.h"
#include "fleet/store/rollout-tally.h"
#include "trust/fleet/decision.h"

#define CHUNK    10000 /* rows of a transaction: some 100 ms in which reports wait */
#define ID_BYTES 16
#define MARKS    1000 /* of a stage, about */

static const struct db_statement forget_hosts = { "rollout-forget-hosts",
						  "DELETE FROM rollout_hosts WHERE rollout = $1",
						  NULL };
static const struct db_statement forget_stages = { "rollout-forget-stages",
						   "DELETE FROM rollout_stages WHERE rollout = $1",
						   NULL };
static const struct db_statement forget_counts = { "rollout-forget-counts",
						   "DELETE FROM rollout_counts WHERE rollout = $1",
						   NULL };

static const struct db_statement forget_marks = { "rollout-forget-marks",
						  "DELETE FROM rollout_marks WHERE rollout = $1",
						  NULL };

static const struct db_statement add_mark = {
	"rollout-mark-add",
	"INSERT INTO rollout_marks (rollout, stage, rank, place) VALUES ($1, $2, $3, $4)", NULL
};

static const struct db_statement add_stage = {
	"rollout-stage-add",
	"INSERT INTO rollout_stages (rollout, stage, placed, last_place) VALUES ($1, $2, $3, $4)",
	NULL
};

/* The newest of each kernel that is in the channel, neither withdrawn nor held. */
static const struct db_statement latest = {
	"levels-latest",
	"SELECT build_id, max(level) FROM levels WHERE channel = $1 AND withdrawn IS NULL AND "
	"held IS NULL GROUP BY build_id",
	NULL
};

/* One host: what is needed until all are sorted. */
struct candidate {
	uint64_t place;
	uint32_t domain, rank;
	uint16_t tags; /* bit i: it has the tag of stage i */
	uint16_t stage;
	uint8_t id[ID_BYTES];
};

struct assignment {
	struct rollout_row *row;
	json_t *known;   /* "latest": what the repository has; build-id to level */
	json_t *kernels; /* those of the hosts that fit: build-id to level */
	struct candidate *v;
	size_t n, room;
	uint32_t in_stage[ROLLOUT_STAGES_MAX + 1];
	uint64_t last[ROLLOUT_STAGES_MAX + 1]; /* place of the last of a stage */
	struct mark *marks;
	size_t n_marks;
};

/* Gates are told by the places of some ranks. */
struct mark {
	uint32_t stage, rank;
	uint64_t place;
};

static void assignment_clear(struct assignment *a)
{
	json_decref(a->known);
	json_decref(a->kernels);
	free(a->v);
	free(a->marks);
}

static int take_latest(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct assignment *a = ctx;

	return json_object_set_new(a->known, db_row_text(row, 0),
				   json_integer(db_row_int(row, 1))) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

/* The level of that kernel; 0: there is none. */
static int64_t level_of(const struct assignment *a, const char *build_id)
{
	if (a->row->doc.level)
		return a->row->doc.level;
	return json_integer_value(json_object_get(a->known, build_id));
}

static int make_room(struct assignment *a, struct oak_error *err)
{
	size_t room = a->room ? a->room * 2 : 1024;
	struct candidate *more;

	if (a->n < a->room)
		return 0;
	more = realloc(a->v, room * sizeof(*more));
	if (!more)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	a->v = more;
	a->room = room;
	return 0;
}

static uint16_t stage_tags(const struct rollout_document *d, const char *tags)
{
	uint16_t bits = 0;

	for (size_t i = 0; i < d->spec.n_stages; i++)
		if (d->spec.stages[i].kind == ROLLOUT_STAGE_TAG &&
		    rollout_has_tag(tags, d->stage_tag[i]))
			bits |= (uint16_t)(1u << i);
	return bits;
}

static int take_host(void *ctx, const struct hosts_row *h, struct oak_error *err)
{
	struct assignment *a = ctx;
	const struct rollout_document *d = &a->row->doc;
	const struct rollout_who who = { h->ring, h->build_id, h->os_id, h->os_version, h->tags };
	int64_t level = level_of(a, h->build_id);
	struct candidate *c;
	int r;

	/* Without a kernel it has not reported yet: it joins later. */
	if (!h->build_id[0] || !level || !rollout_document_fits(d, &who))
		return 0;
	if (!json_object_get(a->kernels, h->build_id) &&
	    json_object_set_new(a->kernels, h->build_id, json_integer(level)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = make_room(a, err);
	if (r < 0)
		return r;
	c = &a->v[a->n];
	if (hex_decode(h->id, c->id, sizeof(c->id)) != ID_BYTES)
		return oak_fail(err, OAK_E_FAILED, "host %.40s has no id", h->id);
	c->place = decision_place(a->row->id, h->id);
	c->domain = rollout_domain(d, h->tags);
	c->tags = stage_tags(d, h->tags);
	a->n++;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->place != y->place ? (x->place > y->place) - (x->place < y->place)
				    : memcmp(x->id, y->id, ID_BYTES);
}

static bool has_tag(const void *ctx, uint64_t place, size_t stage)
{
	const struct assignment *a = ctx;
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->v[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->n && a->v[low].place == place && a->v[low].tags >> stage & 1;
}

static int by_id(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return memcmp(x->id, y->id, ID_BYTES);
}

/* At most so many marks a stage, and one more for its last host. */
static bool is_marked(uint32_t rank, uint32_t hosts)
{
	return rank % (hosts / MARKS + 1) == 0 || rank + 1 == hosts;
}

static int give_turns(struct assignment *a, const struct rollout_host *hosts, struct oak_error *err)
{
	uint32_t ranks[ROLLOUT_STAGES_MAX + 1] = { 0 };

	a->marks = calloc((size_t)(MARKS + 2) * (ROLLOUT_STAGES_MAX + 1), sizeof(*a->marks));
	if (!a->marks)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < a->n; i++)
		a->in_stage[hosts[i].stage]++;
	for (size_t i = 0; i < a->n; i++) {
		uint32_t stage = hosts[i].stage, rank = ranks[stage]++;

		a->v[i].stage = (uint16_t)stage;
		a->v[i].rank = rank;
		a->last[stage] = hosts[i].place; /* they rise */
		if (is_marked(rank, a->in_stage[stage]))
			a->marks[a->n_marks++] = (struct mark){ stage, rank, hosts[i].place };
	}
	return 0;
}

/* Stages and turns; afterwards in the order of ids, as the table is: so that rows go to its end. */
static int place_hosts(struct assignment *a, struct oak_error *err)
{
	_cleanup_(freep) struct rollout_host *hosts = calloc(a->n + 1, sizeof(*hosts));
	int r;

	if (!hosts)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (a->n)
		qsort(a->v, a->n, sizeof(a->v[0]), by_place);
	for (size_t i = 0; i < a->n; i++)
		hosts[i].place = a->v[i].place;
	rollout_assign(&a->row->doc.spec, &(struct rollout_tags){ has_tag, a }, hosts, a->n);
	r = give_turns(a, hosts, err);
	if (r == 0 && a->n)
		qsort(a->v, a->n, sizeof(a->v[0]), by_id);
	return r;
}

/* --- into the database */

static int run(struct db *db, const struct db_statement *s, int64_t number, struct oak_error *err)
{
	const struct db_value arg = db_int(number);
	int64_t n = db_run(db, s, &arg, 1, err);

	return n < 0 ? (int)n : 0;
}

static int forget(struct db *db, int64_t number, struct oak_error *err)
{
	int r = db_begin(db, err);

	if (r == 0)
		r = run(db, &forget_hosts, number, err);
	if (r == 0)
		r = run(db, &forget_stages, number, err);
	if (r == 0)
		r = run(db, &forget_counts, number, err);
	if (r == 0)
		r = run(db, &forget_marks, number, err);
	return r < 0 ? r : db_commit(db, err);
}

static int write_chunk(struct db *db, const struct assignment *a, size_t from, struct oak_error *err)
{
	size_t to = a->n - from > CHUNK ? from + CHUNK : a->n;
	int r = db_begin(db, err);

	for (size_t i = from; r == 0 && i < to; i++) {
		const struct candidate *c = &a->v[i];
		const struct rollout_part p = {
			.rollout = a->row->number,
			.rank = c->rank,
			.host = { .place = c->place, .stage = c->stage, .domain = c->domain }
		};
		char id[2 * ID_BYTES + 1];

		hex_encode(c->id, ID_BYTES, id);
		r = rollout_part_add(db, id, &p, err);
	}
	return r < 0 ? r : db_commit(db, err);
}

static int write_stages(struct db *db, const struct assignment *a, struct oak_error *err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i <= a->row->doc.spec.n_stages; i++) {
		const struct db_value args[] = { db_int(a->row->number), db_int(i),
						 db_int(a->in_stage[i]), db_int(a->last[i]) };

		r = (int)db_run(db, &add_stage, args, 4, err);
		if (r >= 0)
			r = rollout_count_add(db, a->row->number, i, ROLLOUT_WAITING,
					      a->in_stage[i], err);
	}
	return r < 0 ? r : 0;
}

static int write_marks(struct db *db, const struct assignment *a, struct oak_error *err)
{
	int64_t r = 0;

	for (size_t i = 0; r >= 0 && i < a->n_marks; i++)
		r = db_run(db, &add_mark,
			   (const struct db_value[]){
				   db_int(a->row->number), db_int(a->marks[i].stage),
				   db_int(a->marks[i].rank), db_int(a->marks[i].place) },
			   4, err);
	return r < 0 ? (int)r : 0;
}

static void why_not(const struct assignment *a, char ret[ROLLOUT_TEXT_MAX])
{
	const struct rollout_document *d = &a->row->doc;
	size_t kernels = json_object_size(a->kernels);

	ret[0] = '\0';
	if (d->level && kernels > 1 && !json_array_size(d->where[ROLLOUT_KERNELS]))
		(void)snprintf(ret, ROLLOUT_TEXT_MAX,
			       "level %u of what? The hosts have %zu kernels: name those that are "
			       "meant, or say \"latest\"",
			       d->level, kernels);
	else if (!d->level && !json_object_size(a->known))
		(void)snprintf(ret, ROLLOUT_TEXT_MAX,
			       "the repository has no level in channel %s that this server knows of",
			       d->channel);
}

/* The hosts are there: now they count. In between a person may have told it something. */
static int finish(struct db *db, const struct assignment *a, int64_t now_s, struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = { 0 };
	struct fleet_clock clock;
	int r = rollout_row_find(db, a->row->id, true, &row, err);

	if (r == 0)
		r = fleet_clock_read(db, now_s, &clock, err);
	if (r < 0)
		return r;
	if (row.assigned)
		return 0;
	row.assigned = true;
	json_decref(row.levels);
	row.levels = json_incref(a->kernels);
	why_not(a, row.state.why);
	if (row.state.why[0]) {
		row.state.phase = ROLLOUT_HALTED;
		row.ended_s = now_s;
	} else if (row.state.phase == ROLLOUT_RUNNING) {
		rollout_open_stage(&row.state, 0, clock.fleet_s);
	}
	r = write_stages(db, a, err);
	if (r == 0)
		r = write_marks(db, a, err);
	if (r == 0)
		r = rollout_row_save(db, &row, err);
	if (r == 0 && row.state.phase == ROLLOUT_HALTED)
		r = rollout_say(db, &row,
				&(struct rollout_deed){ "server", "rollout.halt", "rollout.halted",
							now_s },
				err);
	return r;
}

static int prepare(struct db *db, struct assignment *a, struct oak_error *err)
{
	const struct db_value channel = db_text(a->row->doc.channel);
	int64_t n = 0;
	int r;

	a->known = json_object();
	a->kernels = json_object();
	if (!a->known || !a->kernels)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!a->row->doc.level)
		n = db_query(db, &latest, &channel, 1, take_latest, a, err);
	r = n < 0 ? (int)n : hosts_each(db, take_host, a, err);
	return r < 0 ? r : place_hosts(a, err);
}

/* Names that are said and that no host has: late hosts may have them. */
static int name_kernels(struct assignment *a, struct oak_error *err)
{
	const json_t *list = a->row->doc.where[ROLLOUT_KERNELS], *word;
	size_t i;

	json_array_foreach(list, i, word)
	{
		const char *id = json_string_value(word);
		int64_t level = level_of(a, id);

		if (level && json_object_set_new(a->kernels, id, json_integer(level)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

int rollout_assign_hosts(struct db *db, struct rollout_row *row, int64_t now_s,
			 struct oak_error *err)
{
	_cleanup_(assignment_clear) struct assignment a = { .row = row };
	int r = prepare(db, &a, err);

	if (r == 0)
		r = name_kernels(&a, err);
	if (r == 0)
		r = forget(db, row->number, err);
	for (size_t i = 0; r == 0 && i < a.n; i += CHUNK)
		r = write_chunk(db, &a, i, err);
	if (r == 0)
		r = db_begin(db, err);
	if (r == 0)
		r = finish(db, &a, now_s, err);
	if (r == 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r;
}
