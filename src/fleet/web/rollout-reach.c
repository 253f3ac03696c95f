/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/rollout-reach.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/view.h"

#define PAGE "1000"

/* --- by counts */

static int64_t sum(const json_t *counts, const char *by, const json_t *words)
{
	const json_t *table = json_object_get(json_object_get(counts, "by"), by);
	int64_t n = 0;

	for (size_t i = 0; i < json_array_size(words); i++)
		n += view_int(table, json_string_value(json_array_get(words, i)));
	return n;
}

/* Return: -1: counts do not say it. */
static int64_t by_counts(const struct rollout_document *d, const json_t *counts)
{
	static const char *const by[ROLLOUT_LISTS] = {
		[ROLLOUT_RINGS] = "ring", [ROLLOUT_KERNELS] = "build_id"
	};
	int given = -1;

	for (int i = 0; i < ROLLOUT_LISTS; i++) {
		if (!json_array_size(d->where[i]))
			continue;
		if (given >= 0 || !by[i])
			return -1;
		given = i;
	}
	return given < 0 ? view_int(counts, "total") : sum(counts, by[given], d->where[given]);
}

/* --- by looking */

struct reach {
	const struct rollout_document *d;
	int64_t fit, looked;
};

static bool fits(const struct rollout_document *d, const json_t *host)
{
	const json_t *tags = json_object_get(host, "tags"), *os = json_object_get(host, "os");
	_cleanup_(buf_free) struct buf line = { 0 };

	for (size_t i = 0; i < json_array_size(tags); i++)
		if (buf_printf(&line, "%s%s", i ? " " : "",
			       json_string_value(json_array_get(tags, i))) < 0)
			return false;
	return rollout_document_fits(d, &(struct rollout_who){
						.ring = view_str(host, "ring"),
						.build_id = view_str(json_object_get(host, "kernel"),
								     "build_id"),
						.os_id = view_str(os, "id"),
						.os_version = view_str(os, "version"),
						.tags = buf_str(&line) });
}

/* The one filter of the API that lets fewest through: the first tag, else a ring where there is one alone. */
static int add_filter(const struct rollout_document *d, struct buf *target)
{
	const json_t *tags = d->where[ROLLOUT_TAGS], *rings = d->where[ROLLOUT_RINGS];
	const json_t *kernels = d->where[ROLLOUT_KERNELS];
	int r = 0;

	if (json_array_size(tags))
		r = web_add_query(target, "tag", json_string_value(json_array_get(tags, 0)));
	if (r == 0 && json_array_size(rings) == 1)
		r = web_add_query(target, "ring", json_string_value(json_array_get(rings, 0)));
	if (r == 0 && json_array_size(kernels) == 1)
		r = web_add_query(target, "build_id", json_string_value(json_array_get(kernels, 0)));
	return r;
}

/* Return: 1: there is more, @after says where; 0: that was all; -1: it is not to be had. */
static int look(struct worker_seat *seat, const struct http_request *req, struct reach *reach,
		struct buf *after)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL;
	const char *next;
	json_t *host;
	size_t i;

	if (buf_add_str(&target, "/api/v1/hosts?limit=" PAGE) < 0 ||
	    add_filter(reach->d, &target) < 0 ||
	    web_add_query(&target, "after", buf_str(after)) < 0 ||
	    web_call(seat, req, "GET", buf_str(&target), NULL, &answer) != 200)
		return -1;
	json_array_foreach(json_object_get(answer, "hosts"), i, host)
	{
		reach->looked++;
		reach->fit += fits(reach->d, host);
	}
	next = json_string_value(json_object_get(answer, "next"));
	buf_free(after);
	if (!next)
		return 0;
	return buf_add_str(after, next) < 0 ? -1 : 1;
}

/* A page may be empty and have a next one: pages are bounded too. */
static int by_looking(struct worker_seat *seat, const struct http_request *req, struct reach *reach,
		      bool *exact)
{
	_cleanup_(buf_free) struct buf after = { 0 };
	int more = 1;

	for (int pages = 0; more > 0 && reach->looked < REACH_LOOK && pages < 40; pages++)
		more = look(seat, req, reach, &after);
	*exact = more == 0;
	return more < 0 ? -1 : 0;
}

/* --- stages */

/* How many the stage takes; those of a tag are not known before. Up, as the engine does. */
static int64_t stage_hosts(const struct rollout_stage *st, int64_t all, int64_t before)
{
	int64_t upto = before;

	if (st->kind == ROLLOUT_STAGE_COUNT)
		upto = before + st->amount;
	else if (st->kind == ROLLOUT_STAGE_PERCENT)
		upto = (all * st->amount + 99) / 100;
	if (upto > all)
		upto = all;
	return upto > before ? upto - before : 0;
}

static json_t *stages(const struct rollout_document *d, int64_t all, bool exact)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	int64_t before = 0;

	for (size_t i = 0; i < d->spec.n_stages; i++) {
		const struct rollout_stage *st = &d->spec.stages[i];
		bool tag = st->kind == ROLLOUT_STAGE_TAG;
		int64_t n = tag ? 0 : stage_hosts(st, all, before);
		json_t *text = tag     ? json_sprintf("those with tag %s", d->stage_tag[i])
			       : exact ? view_count(n)
				       : json_sprintf("%" PRId64 " or more", n);

		if (json_array_append_new(
			    list,
			    json_pack("{s:I, s:o, s:s}", "number", (json_int_t)i + 1, "hosts_text",
				      text, "soak",
				      view_str(json_array_get(json_object_get(d->json, "stages"), i),
					       "soak"))) < 0)
			return NULL;
		before += n;
	}
	return take_ptr(list);
}

json_t *rollout_reach(struct worker_seat *seat, const struct http_request *req,
		      const struct rollout_document *d, const json_t *counts)
{
	struct reach reach = { .d = d, .fit = by_counts(d, counts) };
	bool exact = true;

	if (reach.fit < 0) {
		reach.fit = 0;
		if (by_looking(seat, req, &reach, &exact) < 0)
			return NULL;
	}
	return json_pack("{s:I, s:o, s:b, s:b, s:b, s:o}", "hosts", (json_int_t)reach.fit,
			 "hosts_text", view_count(reach.fit), "one", (int)(reach.fit == 1), "exact",
			 (int)exact, "none", (int)(reach.fit == 0), "stages",
			 stages(d, reach.fit, exact));
}
