/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollouts.h"

#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"

const struct route_query api_query_rollouts[] = {
	{ "phase", "in this phase: running, paused, halted, ...", "string" },
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ "after", "the member \"next\" of the page before", "string" },
	{ NULL },
};

const struct route_query api_query_rollout_hosts[] = {
	{ "outcome", "of this outcome: waiting, granted, soaking, held, well, failed, silent",
	  "string" },
	{ "stage", "of this stage; the first is 1", "integer" },
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ "after", "the member \"next\" of the page before", "string" },
	{ NULL },
};

static bool is_phase(const char *name)
{
	for (enum rollout_phase p = ROLLOUT_DRAFT; p < ROLLOUT_PHASES; p++)
		if (strcmp(rollout_phase_name(p), name) == 0)
			return true;
	return false;
}

static bool is_outcome(const char *name)
{
	for (enum rollout_outcome o = ROLLOUT_WAITING; o < ROLLOUT_OUTCOMES; o++)
		if (strcmp(rollout_outcome_name(o), name) == 0)
			return true;
	return false;
}

static int run_list(struct api_call *c, struct oak_error *err)
{
	struct rollouts_page page = { .phase = http_query(c->req, "phase"),
				      .after = http_query(c->req, "after") };
	json_t *list = NULL;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0 && page.phase && !is_phase(page.phase))
		r = oak_fail(err, OAK_E_USAGE, "phase: there is no such phase");
	if (r == 0)
		r = rollouts_list(c->db, &page, &list, &next, err);
	return r < 0 ? r : api_page(c, "rollouts", list, next, err);
}
API_ROUTE(rollouts_list, .run = run_list, .query = api_query_rollouts)

static int run_create(struct api_call *c, struct oak_error *err)
{
	const struct rollout_by by = { c->req->who, c->req->person };
	json_t *rollout = NULL;
	int r = rollouts_create_by(c->db, c->body, &by, c->req->now_s, &rollout, err);

	c->status = r < 0 ? 0 : 201;
	return r < 0 ? r : api_give(c, rollout, err);
}
API_ROUTE(rollouts_create, .run = run_create, .any_members = true, .writes = true)

static int run_get(struct api_call *c, struct oak_error *err)
{
	json_t *rollout = NULL;
	int r = rollouts_get(c->db, c->req->params[0], &rollout, err);

	return r < 0 ? r : api_give(c, rollout, err);
}
API_ROUTE(rollouts_get, .run = run_get)

static int run_hosts(struct api_call *c, struct oak_error *err)
{
	struct rollouts_hosts_page page = { .outcome = http_query(c->req, "outcome"),
					    .after = http_query(c->req, "after") };
	int64_t stage = api_query_number(c, "stage", 0);
	json_t *list = NULL;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0 && page.outcome && !is_outcome(page.outcome))
		r = oak_fail(err, OAK_E_USAGE, "outcome: there is no such outcome");
	if (r == 0 && (stage > ROLLOUT_STAGES_MAX || (!stage && http_query(c->req, "stage"))))
		r = oak_fail(err, OAK_E_USAGE, "stage: must be 1 to %d", ROLLOUT_STAGES_MAX);
	page.stage = (int)stage - 1;
	if (r == 0)
		r = rollouts_hosts(c->db, c->req->params[0], &page, c->req->now_s, &list, &next,
				   err);
	return r < 0 ? r : api_page(c, "hosts", list, next, err);
}
API_ROUTE(rollouts_hosts, .run = run_hosts, .query = api_query_rollout_hosts)

/* The last word of the path; the table of routes has a row for each, with its scope. */
static int command_of(const struct http_request *req, enum rollout_command *ret)
{
	const char *word = strrchr(req->path, '/');

	for (enum rollout_command k = ROLLOUT_SUBMIT; word && k < ROLLOUT_COMMANDS; k++) {
		if (strcmp(rollout_command_name(k), word + 1) == 0) {
			*ret = k;
			return 0;
		}
	}
	return -1;
}

static int run_command(struct api_call *c, struct oak_error *err)
{
	const struct rollout_by by = { c->req->who, c->req->person };
	enum rollout_command command = ROLLOUT_COMMANDS;
	json_t *rollout = NULL;
	int r;

	if (command_of(c->req, &command) < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no such command");
	r = rollouts_command_by(c->db, c->req->params[0], command, &by, c->req->now_s, &rollout,
				err);
	c->wake = true;
	return r < 0 ? r : api_give(c, rollout, err);
}
API_ROUTE(rollouts_command, .run = run_command, .current = run_get, .writes = true)
