/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/fleet.h"
#include "fleet/people/sign-in.h"
#include "fleet/store/second-factor.h"

/* Each with words beside its numbers; the one of this browser is marked, and cannot be ended from here. */
static void tell_sessions(const struct http_request *req, json_t *sessions)
{
	char text[WEB_TEXT];

	for (size_t i = 0; i < json_array_size(sessions); i++) {
		json_t *s = json_array_get(sessions, i);
		const char *id = json_get_str(s, "id");

		web_ago(json_integer_value(json_object_get(s, "created")), req->now_s, text);
		(void)json_object_set_new(s, "created_text", json_string(text));
		web_ago(json_integer_value(json_object_get(s, "seen")), req->now_s, text);
		(void)json_object_set_new(s, "seen_text", json_string(text));
		(void)json_object_set_new(s, "here",
					  json_boolean(id && strcmp(id, req->session->id) == 0));
	}
}

static json_t *view_of(const struct worker_seat *seat, const struct http_request *req,
		       json_t *sessions, unsigned left)
{
	const struct user *u = &req->session->user;
	char when[WEB_TEXT];

	tell_sessions(req, sessions);
	web_ago(u->password_s, req->now_s, when);
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:i, s:i, s:s, s:o, s:b}", "name", u->name,
			 "role", role_name(u->role), "password", u->has_password, "totp",
			 u->has_totp, "wanted", sign_in_wants_totp(seat->fleet, u), "left",
			 (int)left, "least", (int)PASSWORD_MIN, "changed_text", when, "sessions",
			 sessions, "others", json_array_size(sessions) > 1);
}

struct looking {
	const struct http_request *req;
	json_t *sessions;
	unsigned left;
};

static int look(struct db *db, void *ctx, struct oak_error *err)
{
	struct looking *l = ctx;
	const struct user *u = &l->req->session->user;
	int r = u->has_totp ? user_recovery_left(db, u->id, &l->left, err) : 0;

	json_decref(l->sessions);
	l->sessions = NULL;
	return r < 0 ? r : session_list(db, u->id, l->req->now_s, &l->sessions, err);
}

static int account(struct worker_seat *seat, const struct http_request *req, struct page *ret,
		   struct oak_error *err)
{
	struct looking l = { .req = req };
	int r = sign_in_write(seat->db, look, &l, err);

	if (r < 0) {
		json_decref(l.sessions);
		return r;
	}
	*ret = (struct page){ .template = "account",
			      .title = "Account",
			      .view = view_of(seat, req, l.sessions, l.left) };
	return 0;
}

void account_page(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res)
{
	struct oak_error err = { 0 };
	struct page p;

	if (account(seat, req, &p, &err) < 0)
		http_fail(req, res, &err);
	else
		page_send(seat, req, res, 200, p);
}

void account_password(struct worker_seat *seat, const struct http_request *req,
		      struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);
	struct oak_error err = { 0 }, other = { 0 };
	struct user user;
	struct page p;
	int r;

	if (!form)
		return;
	if (!req->session->user.has_password) {
		page_go(req, res, "/account", false, "You sign in at your provider.");
		return;
	}
	r = user_check_password(seat->db, req->session->user.name, form_text(form, "old"),
				req->peer, req->now_s, &user, &err);
	if (r == 0)
		r = change_password(seat, &(struct http_exchange){ req, res }, form, SESSION_FULL,
				    &err);
	if (r == 0)
		page_go(req, res, "/account", true,
			"Your password is changed. Everywhere else you are signed out.");
	else if (account(seat, req, &p, &other) < 0)
		http_fail(req, res, &other);
	else
		sign_in_failed(seat, req, res, p, &err);
}

struct ending {
	const struct http_request *req;
	const char *id; /* NULL: all others */
};

static int end_sessions(struct db *db, void *ctx, struct oak_error *err)
{
	const struct ending *e = ctx;
	const struct session *s = e->req->session;
	int r = e->id ? session_end_one(db, s->user.id, e->id, err)
		      : session_end_all(db, s->user.id, s->id, err);

	return r < 0 ? r : sign_in_note(db, e->req, "user.end-sessions", err);
}

static void end(struct worker_seat *seat, const struct http_exchange *x, const char *id,
		const char *told)
{
	struct ending e = { .req = x->req, .id = id };
	struct oak_error err = { 0 };
	int r = sign_in_write(seat->db, end_sessions, &e, &err);

	if (r < 0 && r != -OAK_E_NOTFOUND)
		http_fail(x->req, x->res, &err);
	else
		page_go(x->req, x->res, "/account", true, told);
}

void account_end_session(struct worker_seat *seat, const struct http_request *req,
			 struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);

	if (form)
		end(seat, &(struct http_exchange){ req, res }, form_text(form, "id"),
		    "The session is ended.");
}

void account_end_others(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	end(seat, &(struct http_exchange){ req, res }, NULL, "Everywhere else you are signed out.");
}
