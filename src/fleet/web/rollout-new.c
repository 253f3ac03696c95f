/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-new: the form of a rollout, what it would reach, and making it. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/rollout-form.h"
#include "fleet/web/rollout-reach.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define ROWS      5u /* of stages, without JavaScript */
#define ROWS_MORE 3u
#define PRESET    "preset-"

/* How the form is shown this time. */
struct showing {
	unsigned status;
	const char *error; /* "" */
	size_t rows;
	json_t *reach; /* taken; NULL: not asked for */
	const json_t *counts;
};

static void show(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, const json_t *form, const struct showing *s)
{
	json_t *view = rollout_form_view(form, s->counts, s->error, s->rows);

	if (view && s->reach && json_object_set_new(view, "reach", s->reach) < 0) {
		json_decref(view);
		view = NULL;
	}
	page_send(seat, req, res, s->status,
		  (struct page){ .template = "rollout-new",
				 .title = "New rollout",
				 .nav = "rollouts",
				 .view = view });
}

/* What a careful rollout is, where nothing is said: the API's own defaults. */
static json_t *fresh(void)
{
	_cleanup_(json_decrefp)
		json_t *least = json_pack("{s:s, s:s}", "name", "x", "level", "latest");
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 };
	_cleanup_(json_decrefp) json_t *form = NULL;
	struct oak_error err = { 0 };

	if (!least || rollout_document_read(least, &d, &err) < 0)
		return NULL;
	form = rollout_form_of(d.json);
	if (!form || json_object_set_new(form, "name", json_string("")) < 0)
		return NULL;
	return take_ptr(form);
}

static json_t *copy_of(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res, const char *id)
{
	_cleanup_(freep) char *target = deed_target("/api/v1/rollouts/", id, "");
	_cleanup_(json_decrefp) json_t *rollout = deed_ask(seat, req, res, target);

	return rollout ? rollout_form_of(json_object_get(rollout, "specification")) : NULL;
}

static json_t *counts_of(struct worker_seat *seat, const struct http_request *req)
{
	json_t *counts = NULL;

	(void)web_call(seat, req, "GET", "/api/v1/counts", NULL, &counts);
	return counts;
}

void web_rollout_new(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	const char *from = http_query(req, "from");
	_cleanup_(json_decrefp) json_t *form = from && *from ? copy_of(seat, req, res, from)
							     : fresh();
	_cleanup_(json_decrefp) json_t *counts = counts_of(seat, req);

	if (res->status)
		return;
	show(seat, req, res, form, &(struct showing){ 200, "", ROWS, NULL, counts });
}

/* Is it right, and whom does it reach? */
static void preview(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res, const json_t *form, const json_t *counts)
{
	_cleanup_(json_decrefp) json_t *spec = rollout_form_spec(form);
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 };
	struct oak_error err = { 0 };
	struct showing s = { 200, "", ROWS, NULL, counts };

	if (rollout_document_read(spec, &d, &err) < 0) {
		s.status = 400;
		s.error = err.msg;
	} else {
		s.reach = rollout_reach(seat, req, &d, counts);
	}
	show(seat, req, res, form, &s);
}

static void made(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, const json_t *rollout, bool submit)
{
	const char *id = view_str(rollout, "id");
	_cleanup_(freep) char *page = deed_target("/rollouts/", id, "");
	_cleanup_(freep) char *target = deed_target("/api/v1/rollouts/", id, "/submit");

	if (!submit) {
		page_go(req, res, page ? page : "/rollouts", true,
			"The rollout was made, as a draft. Submit it when it is as you want it.");
		return;
	}
	deed_do(seat, req, res,
		&(struct deed){ .method = "POST",
				.target = target,
				.to = page ? page : "/rollouts",
				.good = "The rollout was made and submitted." });
}

static void create(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res, const json_t *form, const json_t *counts)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;
	bool submit = strcmp(form_text(form, "do"), "submit") == 0;
	unsigned status =
		web_call(seat, req, "POST", "/api/v1/rollouts", rollout_form_spec(form), &answer);

	if (status == 201)
		made(seat, req, res, answer, submit);
	else
		show(seat, req, res, form,
		     &(struct showing){ status, deed_detail(answer), ROWS, NULL, counts });
}

void web_rollout_create(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res);
	_cleanup_(json_decrefp) json_t *counts = counts_of(seat, req);
	const char *what = form_text(form, "do");
	size_t rows = ROWS;

	if (!form)
		return;
	if (strcmp(what, "create") == 0 || strcmp(what, "submit") == 0) {
		create(seat, req, res, form, counts);
		return;
	}
	if (strcmp(what, "rows") == 0)
		rows = json_array_size(json_object_get(form, "s_amount")) + ROWS_MORE;
	else if (strncmp(what, PRESET, strlen(PRESET)) != 0 ||
		 !rollout_form_preset(form, what + strlen(PRESET))) {
		preview(seat, req, res, form, counts);
		return;
	}
	show(seat, req, res, form, &(struct showing){ 200, "", rows, NULL, counts });
}
