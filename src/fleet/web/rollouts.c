/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollouts: what is moving, what waits for somebody, what is over; one of them, and what it is told to do. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/rollout-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define ROLLOUTS "/api/v1/rollouts"
#define TARGET   300 /* of a path with an id in it */

static struct rollout_eyes eyes_of(const struct http_request *req)
{
	return (struct rollout_eyes){ .who = req->who ? req->who : "",
				      .scopes = req->scopes,
				      .now_s = req->now_s };
}

/* --- the list */

/* Who needs somebody stands before who only moves. */
static const struct {
	const char *phase, *group;
} shown[] = {
	{ "pending-approval", "waiting" }, { "paused", "live" },   { "running", "live" },
	{ "scheduled", "waiting" },        { "draft", "waiting" },
};

static int add_group(json_t *view, const char *group, json_t *rollouts,
		     const struct rollout_eyes *eyes)
{
	json_t *list = json_object_get(view, group), *rollout;
	size_t i;

	json_array_foreach(rollouts, i, rollout)
	{
		if (rollout_view_row(rollout, eyes) < 0 || json_array_append(list, rollout) < 0)
			return -1;
	}
	return 0;
}

static int add_phase(struct worker_seat *seat, const struct http_request *req, json_t *view,
		     size_t which)
{
	const struct rollout_eyes eyes = eyes_of(req);
	_cleanup_(json_decrefp) json_t *answer = NULL;
	char target[TARGET];

	(void)snprintf(target, sizeof(target), ROLLOUTS "?limit=100&phase=%s", shown[which].phase);
	if (web_call(seat, req, "GET", target, NULL, &answer) != 200)
		return -1;
	return add_group(view, shown[which].group, json_object_get(answer, "rollouts"), &eyes);
}

/* Newest first, by pages; those that are not over are above. */
static int add_past(struct worker_seat *seat, const struct http_request *req, json_t *view)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL, *over = json_array();
	const struct rollout_eyes eyes = eyes_of(req);
	json_t *rollout;
	size_t i;

	if (buf_add_str(&target, ROLLOUTS "?limit=50") < 0 ||
	    web_add_query(&target, "after", http_query(req, "after")) < 0 ||
	    web_call(seat, req, "GET", buf_str(&target), NULL, &answer) != 200)
		return -1;
	json_array_foreach(json_object_get(answer, "rollouts"), i, rollout)
	{
		const char *phase = view_str(rollout, "phase");
		bool is_over = strcmp(phase, "completed") == 0 || strcmp(phase, "halted") == 0 ||
			       strcmp(phase, "cancelled") == 0;

		if (is_over && json_array_append(over, rollout) < 0)
			return -1;
	}
	if (json_object_set(view, "next", json_object_get(answer, "next")) < 0)
		return -1;
	return add_group(view, "past", over, &eyes);
}

void web_rollouts(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	_cleanup_(json_decrefp)
		json_t *view = json_pack("{s:[], s:[], s:[], s:b}", "live", "waiting", "past",
					 "later", http_query(req, "after") != NULL);
	int r = view ? 0 : -1;

	for (size_t i = 0;
	     r == 0 && !http_query(req, "after") && i < sizeof(shown) / sizeof(shown[0]); i++)
		r = add_phase(seat, req, view, i);
	if (r == 0)
		r = add_past(seat, req, view);
	if (r < 0) {
		page_problem(req, res, 400, "That page of the list is not to be had.");
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "rollouts",
				 .title = "Rollouts",
				 .nav = "rollouts",
				 .view = take_ptr(view) });
}

/* --- one of them */

static const char *const hosts_outcomes[] = { "waiting", "granted", "soaking", "held",
					      "well",    "failed",  "silent" };

/* The choices of the filter, with the present one marked. */
static json_t *choices(const char *now)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < sizeof(hosts_outcomes) / sizeof(hosts_outcomes[0]); i++)
		if (json_array_append_new(
			    list, json_pack("{s:s, s:b}", "value", hosts_outcomes[i], "selected",
					    now && strcmp(now, hosts_outcomes[i]) == 0)) < 0)
			return NULL;
	return take_ptr(list);
}

static json_t *next_page(const char *id, const char *outcome, const json_t *answer)
{
	const char *next = json_string_value(json_object_get(answer, "next"));
	_cleanup_(buf_free) struct buf b = { 0 };

	if (!next)
		return json_string("");
	if (buf_printf(&b, "/rollouts/%s", id) < 0 || web_add_query(&b, "outcome", outcome) < 0 ||
	    web_add_query(&b, "after", next) < 0 || buf_add_str(&b, "#hosts") < 0)
		return NULL;
	return json_string(buf_str(&b));
}

/* @view: the rollout. Return: 0, or -1: what was asked for is not to be had. */
static int add_hosts(struct worker_seat *seat, const struct http_request *req, const char *id,
		     json_t *view)
{
	_cleanup_(freep) char *path = deed_target(ROLLOUTS "/", id, "/hosts?limit=50");
	_cleanup_(json_decrefp) json_t *answer = NULL;
	_cleanup_(buf_free) struct buf target = { 0 };
	const char *outcome = http_query(req, "outcome");
	bool bad = false;
	json_t *host;
	size_t i;

	if (outcome && !*outcome)
		outcome = NULL;
	if (!path || buf_add_str(&target, path) < 0 ||
	    web_add_query(&target, "outcome", outcome) < 0 ||
	    web_add_query(&target, "after", http_query(req, "after")) < 0 ||
	    web_call(seat, req, "GET", buf_str(&target), NULL, &answer) != 200)
		return -1;
	json_array_foreach(json_object_get(answer, "hosts"), i,
			   host) if (rollout_view_host(host, req->now_s) < 0) return -1;
	view_set(view, "choices", choices(outcome), &bad);
	view_set(view, "outcome", json_string(outcome ? outcome : ""), &bad);
	view_set(view, "later", json_boolean(http_query(req, "after") != NULL), &bad);
	view_set(view, "next", next_page(id, outcome, answer), &bad);
	view_set(view, "members", json_incref(json_object_get(answer, "hosts")), &bad);
	return bad ? -1 : 0;
}

/* What was done to it, and by whom; for those alone who may read the audit log. */
static void add_log(struct worker_seat *seat, const struct http_request *req, const char *id,
		    json_t *view)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;
	_cleanup_(freep) char *target = deed_target("/api/v1/audit?limit=30&subject=", id, "");
	json_t *entry, *list;
	bool bad = false;
	char who[DEED_WHO];
	size_t i;

	if (!(req->scopes & SCOPE_ADMIN) || !target ||
	    web_call(seat, req, "GET", target, NULL, &answer) != 200)
		return;
	list = json_object_get(answer, "entries");
	json_array_foreach(list, i, entry)
	{
		const json_t *detail = json_object_get(entry, "detail");

		view_set(entry, "at_text", view_time(view_int(entry, "at")), &bad);
		view_set(entry, "ago_text", view_ago(view_int(entry, "at"), req->now_s), &bad);
		view_set(entry, "who_text", json_string(deed_who(view_str(entry, "who"), who)),
			 &bad);
		view_set(entry, "why", json_string(view_str(detail, "why")), &bad);
	}
	view_set(view, "has_log", json_boolean(json_array_size(list) > 0), &bad);
	(void)json_object_set(view, "log", list);
}

void web_rollout(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	const struct rollout_eyes eyes = eyes_of(req);
	_cleanup_(freep) char *target = deed_target(ROLLOUTS "/", req->params[0], "");
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, target);

	if (!view)
		return;
	if (rollout_view(view, &eyes) < 0 || add_hosts(seat, req, view_str(view, "id"), view) < 0) {
		page_problem(req, res, 400, "Those hosts of the rollout are not to be had.");
		return;
	}
	add_log(seat, req, view_str(view, "id"), view);
	page_send(seat, req, res, 200,
		  (struct page){ .template = "rollout",
				 .title = view_str(view, "name"),
				 .nav = "rollouts",
				 .view = json_incref(view) });
}

/* /rollouts/{id}/<command>: the API's own word. */
void web_rollout_command(struct worker_seat *seat, const struct http_request *req,
			 struct http_response *res)
{
	const char *command = strrchr(req->path, '/') + 1;
	const char *told = rollout_command_done(command);
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res);
	_cleanup_(freep) char *page = deed_target("/rollouts/", req->params[0], "");
	_cleanup_(freep) char *before = deed_target(ROLLOUTS "/", req->params[0], "/");
	_cleanup_(buf_free) struct buf target = { 0 };

	if (!form)
		return;
	if (!told || !page || !before || buf_printf(&target, "%s%s", before, command) < 0) {
		page_problem(req, res, 404, "There is no such command.");
		return;
	}
	if (rollout_command_harms(command) && !deed_is_sure(req, res, form, page))
		return;
	deed_do(seat, req, res,
		&(struct deed){
			.method = "POST", .target = buf_str(&target), .to = page, .good = told });
}
