/* SPDX-License-Identifier: GPL-2.0-or-later */
/* people: who may sign in, as what; keeping somebody out, letting in again, new passwords and codes. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/people/person.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define USERS "/api/v1/users"

static const char *const times[] = { "created", "seen", NULL };

static const char *const role_hints[ROLES] = {
	[ROLE_VIEWER] = "sees",
	[ROLE_OPERATOR] = "sees, enrols, changes hosts, makes and commands rollouts, stops",
	[ROLE_APPROVER] = "sees, and approves other people's rollouts",
	[ROLE_ADMIN] = "everything, but never approves an own rollout",
};

static json_t *roles_of(const char *now)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (int r = 0; r < ROLES; r++) {
		const char *name = role_name((enum person_role)r);

		if (json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", name, "what",
							  role_hints[r], "on",
							  strcmp(name, now) == 0)) < 0)
			return NULL;
	}
	return take_ptr(list);
}

static int add_state(json_t *u, const struct http_request *req)
{
	bool bad = false, off = json_is_true(json_object_get(u, "disabled"));
	bool self = req->person && strcmp(req->person, view_str(u, "id")) == 0;

	view_set(u, "badge", web_badge(off ? "bad" : "good", off ? "kept out" : "may sign in"),
		 &bad);
	view_set(u, "roles", roles_of(view_str(u, "role")), &bad);
	view_set(u, "self", json_boolean(self), &bad);
	view_set(u, "enabled", json_boolean(!off), &bad);
	return bad ? -1 : 0;
}

/* @answer: of what was just asked for; NULL. */
static void show(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, unsigned status, const json_t *answer)
{
	_cleanup_(json_decrefp) json_t *view = deed_ask(seat, req, res, USERS);
	json_t *list = json_object_get(view, "users"), *user;
	bool bad = false;
	size_t i;

	if (!view)
		return;
	bad = deed_times(list, times, req->now_s) < 0;
	json_array_foreach(list, i, user) if (add_state(user, req) < 0) bad = true;
	view_set(view, "roles", roles_of("viewer"), &bad);
	view_set(view, "error", json_string(answer && status >= 400 ? deed_detail(answer) : ""),
		 &bad);
	view_set(view, "secret",
		 json_string(status < 300 ? view_str(answer, "one_time_password") : ""), &bad);
	view_set(view, "secret_of", json_string(view_str(answer, "name")), &bad);
	page_send(seat, req, res, status,
		  (struct page){ .template = "people",
				 .title = "People",
				 .nav = "users",
				 .view = bad ? NULL : take_ptr(view) });
}

void web_people(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	show(seat, req, res, 200, NULL);
}

void web_people_create(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res), *answer = NULL;
	unsigned status;

	if (!form)
		return;
	status = web_call(seat, req, "POST", USERS,
			  json_pack("{s:s, s:s}", "name", form_text(form, "name"), "role",
				    form_text(form, "role")),
			  &answer);
	show(seat, req, res, status, answer);
}

/* What the buttons of a person say: a change, and what is told where it worked. */
static const struct {
	const char *name, *member, *told;
	bool value;
} changes[] = {
	{ "disable", "disabled", "That person is kept out; all sessions ended.", true },
	{ "enable", "disabled", "That person may sign in again.", false },
	{ "reset-totp", "reset_totp",
	  "That person signs in without a code until another device is set up.", true },
	{ "reset-password", "reset_password", "", true },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static void delete_person(struct worker_seat *seat, const struct http_request *req,
			  struct http_response *res, const json_t *form, const char *target)
{
	if (deed_is_sure(req, res, form, "/users"))
		deed_do(seat, req, res,
			&(struct deed){ .method = "DELETE",
					.target = target,
					.to = "/users",
					.good = "That person was deleted." });
}

void web_people_change(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = deed_form(req, res), *answer = NULL;
	_cleanup_(freep) char *target = deed_item(req, USERS "/", "");
	const char *what = form_text(form, "do");
	struct deed d = { .method = "PATCH", .target = target, .to = "/users" };
	size_t i = 0;

	if (!form)
		return;
	if (strcmp(what, "delete") == 0) {
		delete_person(seat, req, res, form, target);
		return;
	}
	while (i < CHANGES && strcmp(changes[i].name, what) != 0)
		i++;
	if (i < CHANGES && !*changes[i].told && target) {
		unsigned status = web_call(seat, req, "PATCH", target,
					   json_pack("{s:b}", changes[i].member, 1), &answer);

		show(seat, req, res, status, answer);
		return;
	}
	d.good = i < CHANGES ? changes[i].told : "The role was changed; that person signs in anew.";
	d.body = i < CHANGES ? json_pack("{s:b}", changes[i].member, (int)changes[i].value)
			     : json_pack("{s:s}", "role", form_text(form, "role"));
	deed_do(seat, req, res, &d);
}
