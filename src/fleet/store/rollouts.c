/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rollouts are made and looked at. */
#include "fleet/store/rollouts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/hash.h"
#include "fleet/store/rollout-json.h"
#include "fleet/store/rollout-say.h"
#include "fleet/store/rows.h"

#define LIMIT_MAX 1000

static int show(struct db *db, const struct rollout_row *row, int64_t now_s, json_t **ret,
		struct oak_error *err)
{
	struct rollout_tallies t;
	struct fleet_clock clock = { 0 };
	int r = fleet_clock_read(db, now_s, &clock, err);

	if (r == 0)
		r = rollout_tallies_read(db, row, clock.fleet_s, &t, err);
	if (r < 0)
		return r;
	*ret = rollout_json(row, &t);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int rollouts_create(struct db *db, const json_t *spec, const char *who, int64_t now_s, json_t **ret,
		    struct oak_error *err)
{
	return rollouts_create_by(db, spec, &(const struct rollout_by){ who, "" }, now_s, ret, err);
}

int rollouts_create_by(struct db *db, const json_t *spec, const struct rollout_by *by,
		       int64_t now_s, json_t **ret, struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = { .created_s = now_s };
	_cleanup_(zone_freep) struct zone *zone = NULL;
	uint8_t id[(ROLLOUT_ID_MAX - 1) / 2];
	int r = rollout_document_read(spec, &row.doc, err);

	if (r == 0 && zone_open(row.doc.timezone, &zone, err) < 0)
		return oak_fail(err, OAK_E_FORMAT,
				"timezone: \"%s\" is no time zone that this server has",
				row.doc.timezone);
	if (r < 0)
		return r;
	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return oak_fail_errno(err, errno, "getrandom");
	hex_encode(id, sizeof(id), row.id);
	(void)snprintf(row.created_by, sizeof(row.created_by), "%s", by->who);
	(void)snprintf(row.created_person, sizeof(row.created_person), "%s", by->person);
	row.levels = json_object();
	r = rollout_row_add(db, &row, err);
	if (r == 0)
		r = rollout_say(db, &row,
				&(struct rollout_deed){ by->who, "rollout.create",
							"rollout.created", now_s },
				err);
	return r < 0 ? r : show(db, &row, now_s, ret, err);
}

int rollouts_get(struct db *db, const char *id, json_t **ret, struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = { 0 };
	int r = rollout_row_find(db, id, false, &row, err);

	return r < 0 ? r : show(db, &row, 0, ret, err);
}

/* --- lists */

/* Digits and nothing else; -1: not that. */
static int64_t number_of(const char *text, size_t len)
{
	int64_t n = 0;

	if (!len || len > 15)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

static int phase_of(const char *name, int *ret, struct oak_error *err)
{
	*ret = -1;
	for (int p = 0; name && p < ROLLOUT_PHASES; p++)
		if (strcmp(rollout_phase_name((enum rollout_phase)p), name) == 0)
			*ret = p;
	if (name && *ret < 0)
		return oak_fail(err, OAK_E_USAGE, "phase: \"%.32s\" is none", name);
	return 0;
}

static int check_limit(unsigned limit, struct oak_error *err)
{
	return limit >= 1 && limit <= LIMIT_MAX
		       ? 0
		       : oak_fail(err, OAK_E_USAGE, "limit: 1 to %d", LIMIT_MAX);
}

int rollouts_list(struct db *db, const struct rollouts_page *page, json_t **ret, char **ret_next,
		  struct oak_error *err)
{
	_cleanup_(rollout_rows_clear) struct rollout_rows v = { 0 };
	_cleanup_(json_decrefp) json_t *list = json_array();
	_cleanup_(freep) char *next = NULL;
	int64_t before = page->after ? number_of(page->after, strlen(page->after)) : INT64_MAX;
	int phase, r = check_limit(page->limit, err);

	if (r == 0)
		r = phase_of(page->phase, &phase, err);
	if (r == 0 && before < 0)
		r = oak_fail(err, OAK_E_USAGE, "after: not a cursor of this list");
	if (r == 0)
		r = rollout_rows_page(db, phase, before, page->limit + 1, &v, err);
	for (size_t i = 0; r == 0 && i < v.n && i < page->limit; i++) {
		json_t *json = NULL;

		r = show(db, &v.rows[i], 0, &json, err);
		if (r == 0 && json_array_append_new(list, json) < 0)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (r < 0)
		return r;
	if (v.n > page->limit && asprintf(&next, "%" PRId64, v.rows[page->limit - 1].number) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	*ret_next = take_ptr(next);
	return 0;
}

/* --- hosts of one rollout: class by class, in each by id */

#define HOSTS                                                                                 \
	"SELECT p.host, p.stage, p.class, p.report, p.granted_s, p.applied_s, p.seen_s, "     \
	"p.transition_ms, p.gap_us, p.why, h.name FROM rollout_hosts p LEFT JOIN hosts h ON " \
	"h.id = p.host WHERE p.rollout = $1 AND p.class = $2 AND p.host > $3 AND "            \
	"(p.stage = $4 OR $4 < 0)"

/* Those who wait are most, and come by the table's own order; all others by an index of theirs. */
static const struct db_statement hosts_waiting = { "rollout-hosts-waiting",
						   HOSTS " ORDER BY p.rollout, p.host LIMIT $5",
						   NULL };

static const struct db_statement hosts_begun = { "rollout-hosts-begun",
						 HOSTS " AND p.class > 0 ORDER BY p.host LIMIT $5",
						 NULL };

struct hosts_ctx {
	const struct rollout_row *row;
	const struct rollouts_hosts_page *page;
	int64_t fleet_s, behind_s; /* the wall's clock is so much later */
	json_t *list;
	int64_t class; /* of the last one looked at */
	char host[33]; /* and its id; "" */
	unsigned seen;
};

static json_t *host_json(const struct hosts_ctx *c, const struct db_row *row, const char *outcome)
{
	int64_t granted = db_row_int(row, 4), applied = db_row_int(row, 5);

	return json_pack("{s:s, s:s, s:I, s:s, s:o, s:o, s:I, s:I, s:s}", "host",
			 db_row_text(row, 0), "name", db_row_text(row, 10), "stage",
			 (json_int_t)db_row_int(row, 1) + 1, "outcome", outcome, "granted",
			 granted ? json_integer(granted + c->behind_s) : json_null(), "applied",
			 applied ? json_integer(applied + c->behind_s) : json_null(),
			 "transition_ms", (json_int_t)db_row_int(row, 7), "gap_us",
			 (json_int_t)db_row_int(row, 8), "why", db_row_text(row, 9));
}

static int take_host(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct hosts_ctx *c = ctx;
	const struct rollout_host h = { .stage = (uint16_t)db_row_int(row, 1),
					.report = (uint16_t)db_row_int(row, 3),
					.granted_s = db_row_int(row, 4),
					.applied_s = db_row_int(row, 5),
					.seen_s = db_row_int(row, 6),
					.transition_ms = (uint32_t)db_row_int(row, 7),
					.gap_us = (uint32_t)db_row_int(row, 8) };
	const char *outcome =
		rollout_outcome_name(rollout_outcome(&c->row->doc.spec, &h,
						     rollout_watches(c->row, h.stage), c->fleet_s));

	rows_copy(c->host, row, 0);
	c->seen++;
	if (c->page->outcome && strcmp(outcome, c->page->outcome) != 0)
		return 0;
	if (json_array_append_new(c->list, host_json(c, row, outcome)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return json_array_size(c->list) == c->page->limit;
}

/* "2.<id>": class and host of the last one that was given. */
static int read_cursor(const char *text, struct hosts_ctx *c, struct oak_error *err)
{
	size_t len = text ? strcspn(text, ".") : 0;

	if (!text)
		return 0;
	c->class = number_of(text, len);
	if (c->class < 0 || text[len] != '.' || strlen(text + len + 1) != sizeof(c->host) - 1)
		return oak_fail(err, OAK_E_USAGE, "after: not a cursor of this list");
	memcpy(c->host, text + len + 1, sizeof(c->host));
	return 0;
}

/* Of which classes a host with that outcome may be: silence is of any that has begun. */
static bool may_be(enum rollout_outcome class, const char *outcome)
{
	if (!outcome || strcmp(outcome, rollout_outcome_name(class)) == 0)
		return true;
	return strcmp(outcome, rollout_outcome_name(ROLLOUT_SILENT)) == 0 &&
	       class != ROLLOUT_WAITING && class != ROLLOUT_FAILED;
}

/* Rows of one class until the page is full; those that the outcome leaves out are passed over. */
static int list_class(struct db *db, struct hosts_ctx *c, enum rollout_outcome class,
		      struct oak_error *err)
{
	const struct db_statement *s = class == ROLLOUT_WAITING ? &hosts_waiting : &hosts_begun;

	c->class = class;
	do {
		char after[sizeof(c->host)];

		memcpy(after, c->host, sizeof(after));
		const struct db_value args[] = { db_int(c->row->number), db_int(class),
						 db_text(after), db_int(c->page->stage),
						 db_int(LIMIT_MAX) };
		int64_t n;

		c->seen = 0;
		n = db_query(db, s, args, 5, take_host, c, err);
		if (n < 0)
			return (int)n;
	} while (c->seen == LIMIT_MAX && json_array_size(c->list) < c->page->limit);
	return 0;
}

static int check_outcome(const char *outcome, struct oak_error *err)
{
	for (int o = 0; outcome && o < ROLLOUT_OUTCOMES; o++)
		if (strcmp(outcome, rollout_outcome_name((enum rollout_outcome)o)) == 0)
			return 0;
	return outcome ? oak_fail(err, OAK_E_USAGE, "outcome: \"%.32s\" is none", outcome) : 0;
}

int rollouts_hosts(struct db *db, const char *id, const struct rollouts_hosts_page *page,
		   int64_t now_s, json_t **ret, char **ret_next, struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = { 0 };
	_cleanup_(json_decrefp) json_t *list = json_array();
	_cleanup_(freep) char *next = NULL;
	struct hosts_ctx ctx = { .row = &row, .page = page };
	struct fleet_clock clock = { 0 };
	int r = check_limit(page->limit, err);

	if (r == 0)
		r = check_outcome(page->outcome, err);
	if (r == 0)
		r = read_cursor(page->after, &ctx, err);
	if (r == 0)
		r = rollout_row_find(db, id, false, &row, err);
	if (r == 0)
		r = fleet_clock_read(db, now_s, &clock, err);
	if (r < 0)
		return r;
	ctx.list = list;
	ctx.fleet_s = clock.fleet_s;
	ctx.behind_s = clock.wall_s - clock.fleet_s;
	for (int64_t k = ctx.class; k < ROLLOUT_SILENT; k++) {
		if (!may_be((enum rollout_outcome)k, page->outcome))
			continue;
		if (k != ctx.class)
			ctx.host[0] = '\0';
		r = list_class(db, &ctx, (enum rollout_outcome)k, err);
		if (r < 0)
			return r;
		if (json_array_size(list) == page->limit)
			break;
	}
	/* Where the last page is full, one follows that is empty. */
	if (json_array_size(list) == page->limit &&
	    asprintf(&next, "%" PRId64 ".%s", ctx.class, ctx.host) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	*ret_next = take_ptr(next);
	return 0;
}
