/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet-wide: what is of no single host or rollout. */
#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"
#include "fleet/store/samples.h"
#include "fleet/store/tokens.h"

#define DECISION_MAX (1u << 20)

static int run_info(struct api_call *c, struct oak_error *err)
{
	const struct server_settings *s = c->seat->fleet->settings;

	return api_give(c,
			json_pack("{s:s, s:s, s:s, s:{s:i, s:i, s:i}, s:{s:I, s:I, s:I, s:b}}",
				  "version", OAK_VERSION, "api", "v1", "database",
				  db_is_postgres(c->db) ? "postgresql" : "sqlite", "limits", "page",
				  API_PAGE_MAX, "body_bytes", (int)HTTP_BODY_MAX, "idempotency_s",
				  API_KEY_KEPT, "settings", "poll_s", (json_int_t)s->poll_s,
				  "report_s", (json_int_t)s->report_s, "silence_s",
				  (json_int_t)s->silence_s, "unmanaged_free",
				  (int)s->unmanaged_free),
			err);
}
API_ROUTE(info, .run = run_info)

static int counts_of(struct api_call *c, json_t **ret, struct oak_error *err)
{
	int64_t silent = 0, safe = 0,
		before_s = c->req->now_s - c->seat->fleet->settings->silence_s;
	_cleanup_(json_decrefp) json_t *counts = NULL;
	int r = hosts_counts(c->db, &counts, err);

	if (r == 0)
		r = hosts_silent(c->db, before_s, &silent, err);
	if (r == 0)
		r = samples_protected(c->db, before_s, &safe, err);
	if (r == 0 && (json_object_set_new(counts, "silent", json_integer(silent)) < 0 ||
		       json_object_set_new(counts, "protected", json_integer(safe)) < 0))
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		*ret = take_ptr(counts);
	return r;
}

static int run_counts(struct api_call *c, struct oak_error *err)
{
	json_t *counts = NULL;
	int r = counts_of(c, &counts, err);

	return r < 0 ? r : api_give(c, counts, err);
}
API_ROUTE(counts, .run = run_counts)

/* The rollouts that somebody should look at, newest first. */
static int add_rollouts(struct api_call *c, json_t *into, struct oak_error *err)
{
	static const char *const phases[] = { "running", "paused", "pending-approval", "halted" };

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		const struct rollouts_page page = { .phase = phases[i], .limit = 8 };
		_cleanup_(json_decrefp) json_t *list = NULL;
		_cleanup_(freep) char *next = NULL;
		int r = rollouts_list(c->db, &page, &list, &next, err);

		if (r < 0)
			return r;
		if (json_array_extend(into, list) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static int run_overview(struct api_call *c, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *counts = NULL, *stop = NULL, *rollouts = json_array();
	int r = counts_of(c, &counts, err);

	if (r == 0)
		r = rollouts_stop_state(c->db, &stop, err);
	if (r == 0)
		r = add_rollouts(c, rollouts, err);
	if (r < 0)
		return r;
	return api_give(c,
			json_pack("{s:O, s:O, s:O}", "hosts", counts, "stop", stop, "rollouts",
				  rollouts),
			err);
}
API_ROUTE(overview, .run = run_overview)

/* {"name", "version", "bytes"} of a ring's decision; no version where none was signed yet. */
static json_t *ring_json(struct api_call *c, const char *name, const json_t *hosts)
{
	const struct shelf_file *f = shelf_borrow(c->seat->fleet->shelf, name);
	json_t *ring = json_pack("{s:s, s:I, s:I}", "name", name, "hosts",
				 json_integer_value(hosts), "decision",
				 f ? (json_int_t)f->version : 0);

	if (f)
		shelf_release(f);
	return ring;
}

static int rings(struct api_call *c, json_t *list, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *counts = NULL;
	json_t *by_ring, *hosts;
	const char *name;
	int r = hosts_counts(c->db, &counts, err);

	if (r < 0)
		return r;
	by_ring = json_object_get(json_object_get(counts, "by"), "ring");
	if (!json_object_get(by_ring, "default"))
		(void)json_array_append_new(list, ring_json(c, "default", NULL));
	json_object_foreach(by_ring, name, hosts)
	{
		if (json_array_append_new(list, ring_json(c, name, hosts)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static int run_rings(struct api_call *c, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	int r = rings(c, list, err);

	return r < 0 ? r : api_page(c, "rings", take_ptr(list), NULL, err);
}
API_ROUTE(rings, .run = run_rings)

/* The file itself, parsed: people look at it; hosts fetch /v1/decisions/. */
static int decision_of(struct api_call *c, const char *ring, json_t **ret, struct oak_error *err)
{
	const struct shelf_file *f = shelf_borrow(c->seat->fleet->shelf, ring);
	int r;

	if (!f)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%.64s: no decision was signed for such a ring", ring);
	r = json_parse(f->text, f->len, DECISION_MAX, "decision", ret, err);
	shelf_release(f);
	return r;
}

static int run_decision(struct api_call *c, struct oak_error *err)
{
	json_t *decision = NULL;
	int r = decision_of(c, c->req->params[0], &decision, err);

	return r < 0 ? r : api_give(c, decision, err);
}
API_ROUTE(decision, .run = run_decision)

static int run_decisions(struct api_call *c, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *names = json_array(), *list = json_array();
	const json_t *ring;
	size_t i;
	int r = rings(c, names, err);

	json_array_foreach(names, i, ring)
	{
		json_t *decision = NULL;

		if (r < 0)
			return r;
		if (!json_integer_value(json_object_get(ring, "decision")))
			continue;
		r = decision_of(c, json_get_str(ring, "name"), &decision, err);
		if (r == 0 && json_array_append_new(list, decision) < 0)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return r < 0 ? r : api_page(c, "decisions", take_ptr(list), NULL, err);
}
API_ROUTE(decisions, .run = run_decisions)

static int run_levels(struct api_call *c, struct oak_error *err)
{
	json_t *levels = NULL;
	int r = rollouts_levels(c->db, &levels, err);

	return r < 0 ? r : api_page(c, "levels", levels, NULL, err);
}
API_ROUTE(levels, .run = run_levels)

static int run_stop_get(struct api_call *c, struct oak_error *err)
{
	json_t *stop = NULL;
	int r = rollouts_stop_state(c->db, &stop, err);

	return r < 0 ? r : api_give(c, stop, err);
}
API_ROUTE(stop_get, .run = run_stop_get)

static const struct api_member stop_members[] = {
	{ .name = "why", .type = API_TEXT, .required = true, .min = 1, .max = 200 },
	{ NULL },
};

static int stop_all(struct api_call *c, const char *why, struct oak_error *err)
{
	int r = rollouts_stop_all(c->db, why, c->req->who, c->req->now_s, err);

	c->wake = true;
	return r < 0 ? r : run_stop_get(c, err);
}

static int run_stop_set(struct api_call *c, struct oak_error *err)
{
	return stop_all(c, api_text(c, "why"), err);
}
API_ROUTE(stop_set, .run = run_stop_set, .members = stop_members, .writes = true)

static int run_stop_lift(struct api_call *c, struct oak_error *err)
{
	return stop_all(c, NULL, err);
}
API_ROUTE(stop_lift, .run = run_stop_lift, .writes = true)
