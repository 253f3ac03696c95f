/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /metrics, /healthz, /readyz: for those who watch the server. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/db/migrate.h"
#include "fleet/fleet.h"
#include "fleet/http/route.h"
#include "fleet/ops/metrics.h"
#include "fleet/server-settings.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollout-row.h"
#include "fleet/store/rollouts.h"

#define ROLLOUTS_MAX 100
/* The director turns each second or so; a server without it for so long serves old decisions. */
#define TURN_MAX_S 60

static const char openmetrics_type[] = "application/openmetrics-text; version=1.0.0; charset=utf-8";
static const char prometheus_type[] = "text/plain; version=0.0.4; charset=utf-8";

static void healthz(struct fleet *fleet, const struct http_request *req, struct http_response *res)
{
	(void)fleet;
	(void)req;
	http_json(res, 200, json_pack("{s:s}", "status", "ok"));
}

static void readyz(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res)
{
	int64_t turn_s = metrics_last_turn_s(seat->fleet->metrics);
	struct oak_error err = { .code = OAK_OK };
	int version;

	if (migrate_version(seat->db, &version, &err) < 0) {
		http_problem(req, res, 503, "database", "the database does not answer: %s", err.msg);
	} else if (version != migrate_newest()) {
		http_problem(req, res, 503, "schema", "the schema is %d, this program wants %d",
			     version, migrate_newest());
	} else if (req->now_s - turn_s > TURN_MAX_S) {
		http_problem(req, res, 503, "decisions",
			     "decisions were not looked at for more than %d seconds", TURN_MAX_S);
	} else {
		http_json(res, 200, json_pack("{s:s, s:i}", "status", "ready", "schema", version));
	}
}

/* A list of media ranges that names OpenMetrics: Prometheus asks for it with its first choice. */
static bool wants_openmetrics(const struct http_request *req)
{
	const char *accept = http_header(req, "accept");

	return accept && strstr(accept, "application/openmetrics-text");
}

/* Rows without their hosts: cheap, however many hosts there are. */
static int count_phase(struct db *db, enum rollout_phase phase, json_t *ret, struct oak_error *err)
{
	_cleanup_(rollout_rows_clear) struct rollout_rows rows = { 0 };
	int r = rollout_rows_page(db, (int)phase, INT64_MAX, ROLLOUTS_MAX, &rows, err);

	if (r < 0)
		return r;
	return json_object_set_new(ret, rollout_phase_name(phase),
				   json_integer((json_int_t)rows.n)) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int count_phases(struct db *db, json_t **ret, struct oak_error *err)
{
	static const enum rollout_phase phases[] = { ROLLOUT_PENDING_APPROVAL, ROLLOUT_SCHEDULED,
						     ROLLOUT_RUNNING, ROLLOUT_PAUSED,
						     ROLLOUT_HALTED };
	int r = 0;

	*ret = json_object();
	for (size_t i = 0; r == 0 && i < sizeof(phases) / sizeof(phases[0]); i++)
		r = count_phase(db, phases[i], *ret, err);
	return r;
}

static int list_phase(struct db *db, const char *phase, json_t *ret, struct oak_error *err)
{
	const struct rollouts_page page = { .phase = phase, .limit = ROLLOUTS_MAX };
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(freep) char *next = NULL;
	int r = rollouts_list(db, &page, &list, &next, err);

	if (r == 0 && json_array_extend(ret, list) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}

/* Tallies of what may still hurt somebody. */
static int list_rollouts(struct db *db, json_t **ret, struct oak_error *err)
{
	int r;

	*ret = json_array();
	r = list_phase(db, "running", *ret, err);
	return r < 0 ? r : list_phase(db, "paused", *ret, err);
}

static void metrics(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *hosts = NULL, *rollouts = NULL, *phases = NULL;
	struct metrics_fleet f = { .silent = -1, .now_s = req->now_s };
	struct oak_error err = { .code = OAK_OK };
	bool openmetrics = wants_openmetrics(req);
	int r = hosts_counts(seat->db, &hosts, &err);

	if (r == 0)
		r = list_rollouts(seat->db, &rollouts, &err);
	if (r == 0)
		r = count_phases(seat->db, &phases, &err);
	if (r == 0)
		r = hosts_silent(seat->db, req->now_s - seat->fleet->settings->silence_s, &f.silent,
				 &err);
	f.hosts = hosts;
	f.rollouts = rollouts;
	f.phases = phases;
	if (r == 0)
		r = metrics_text(seat->fleet->metrics, &f, openmetrics, &res->body, &err);
	if (r < 0) {
		http_fail(req, res, &err);
		return;
	}
	res->status = 200;
	res->type = openmetrics ? openmetrics_type : prometheus_type;
}

const struct route routes_ops[] = {
	{ .method = "GET",
	  .pattern = "/healthz",
	  .kind = ROUTE_MEMORY,
	  .memory = healthz,
	  .summary = "Does the process answer?",
	  .gives = "Status" },
	{ .method = "GET",
	  .pattern = "/readyz",
	  .kind = ROUTE_WORK,
	  .work = readyz,
	  .summary = "Does the database answer, and are decisions fresh?",
	  .gives = "Status" },
	{ .method = "GET",
	  .pattern = "/metrics",
	  .kind = ROUTE_WORK,
	  .scope = SCOPE_METRICS, /* none where the setting "metrics" is open */
	  .work = metrics,
	  .summary = "Figures for Prometheus: text 0.0.4, or OpenMetrics 1.0.0" },
	{ .method = NULL },
};
